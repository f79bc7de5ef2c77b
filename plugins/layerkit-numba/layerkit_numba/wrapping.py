"""The entrance of a compiled function: one pointer to a row of words, which say where its arguments lie.

So a step can be data: a table of functions and rows, whatever the functions take.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, final

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np import arrayobj

FAILED = -1
"""What an entrance returns where its function raised: the failure then holds the exception's place and its code."""

_INDEX, _CODE = ir.IntType(64), ir.IntType(32)
_ENTRANCE = ir.FunctionType(_CODE, [_INDEX.as_pointer(), _INDEX.as_pointer()])


@final
@dataclass(frozen=True, slots=True)
class Known:
    """An argument that the compiler knows: a literal integer or boolean, or a number with a fraction."""

    value: int | float | bool


@final
@dataclass(frozen=True, slots=True)
class Again:
    """An array that begins where the argument at ``place`` does.

    A loop that reads and writes it can only be made of vectors if the compiler knows.
    """

    kind: types.Type
    place: int


Kind: TypeAlias = "types.Type | Known | Again"
"""What a function is compiled for at one of its arguments."""


def type_of(kind: Kind) -> types.Type:
    """The type of an argument, as the function sees it."""
    if isinstance(kind, Again):
        return kind.kind
    if not isinstance(kind, Known):
        return kind
    return types.float64 if isinstance(kind.value, float) else types.literal(kind.value)


def write_entrance(context: Any, module: Any, name: str, kinds: tuple[Kind, ...], callee: Any) -> None:
    """Write a function ``name``, which reads its arguments from words and calls.

    ``callee(builder, arguments)`` writes the call and gives a code of 32 bits, and the status of a call that may raise
    or None.
    """
    entrance = ir.Function(module, _ENTRANCE, name)
    builder = ir.IRBuilder(entrance.append_basic_block("entry"))
    words, failure = entrance.args
    arguments = _Arguments(context, builder, words)
    code, status = callee(builder, [arguments.next(kind) for kind in kinds])
    if status is not None:
        with builder.if_then(status.is_error, likely=False):
            builder.store(builder.ptrtoint(status.excinfoptr, _INDEX), failure)
            builder.store(builder.sext(status.code, _INDEX), builder.gep(failure, [_INDEX(1)]))
            builder.ret(_CODE(FAILED))
    builder.ret(code)


class _Arguments:
    """Reads arguments, one after another."""

    def __init__(self, context: Any, builder: Any, words: Any) -> None:
        self._context, self._builder, self._words = context, builder, words
        self._place = 0
        self._data: list[Any] = []

    def next(self, kind: Kind) -> Any:
        """The value of the next argument."""
        value, data = self._next(kind)
        self._data.append(data)
        return value

    def _next(self, kind: Kind) -> tuple[Any, Any]:
        """The value, and of an array where it begins."""
        if isinstance(kind, Again):
            return self._array(kind.kind, self._data[kind.place])
        if isinstance(kind, types.Array):
            return self._array(kind)
        return self._single(kind), None

    def _single(self, kind: Kind) -> Any:
        context, b = self._context, self._builder
        if isinstance(kind, Known):
            return ir.Constant(context.get_value_type(types.unliteral(type_of(kind))), kind.value)
        if isinstance(kind, types.NumPyRandomGeneratorType):
            return self._generator(kind)
        if kind == types.boolean:
            return b.trunc(self._number(_INDEX), ir.IntType(1))
        return self._number(context.get_value_type(kind))

    def _word(self) -> Any:
        b = self._builder
        word = b.load(b.gep(self._words, [_INDEX(self._place)]))
        self._place += 1
        return word

    def _number(self, kind: Any) -> Any:
        b = self._builder
        return b.load(b.inttoptr(self._word(), kind.as_pointer()))

    def _array(self, kind: Any, data: Any = None) -> tuple[Any, Any]:
        context, b = self._context, self._builder
        array = arrayobj.make_array(kind)(context, b)
        itemsize = context.get_abi_sizeof(context.get_data_type(kind.dtype))
        if data is None:
            data = b.inttoptr(self._word(), context.get_data_type(kind.dtype).as_pointer())
        shape = [self._word() for _ in range(kind.ndim)]
        strides = [_INDEX(itemsize)]
        if kind.layout == "C":
            for size in shape[:0:-1]:
                strides.insert(0, b.mul(strides[0], size))
        else:
            strides = [self._word() for _ in range(kind.ndim)]
        arrayobj.populate_array(array, data, shape, strides, itemsize, None)
        return array._getvalue(), data

    def _generator(self, kind: Any) -> Any:
        context, b = self._context, self._builder
        generator = cgutils.create_struct_proxy(kind)(context, b)
        bits = cgutils.create_struct_proxy(types.NumPyRandomBitGeneratorType("bit_generator"))(context, b)
        for name in GENERATOR_WORDS:
            setattr(bits, name, self._word())
        generator.bit_generator = bits._getvalue()
        return generator._getvalue()


GENERATOR_WORDS = ("state_address", "state", "fnptr_next_uint64", "fnptr_next_uint32", "fnptr_next_double")


@intrinsic  # type: ignore[untyped-decorator]
def enter(typing_context: Any, address: Any, words: Any, failure: Any) -> Any:
    """Call the entrance at an address with the words at another; ``failure`` is an array of two int64."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        function = builder.inttoptr(arguments[0], _ENTRANCE.as_pointer())
        place = arrayobj.make_array(signature.args[2])(context, builder, arguments[2]).data
        return builder.sext(
            builder.call(function, [builder.inttoptr(arguments[1], _INDEX.as_pointer()), place]), _INDEX
        )

    return types.int64(types.int64, types.int64, failure), emit
