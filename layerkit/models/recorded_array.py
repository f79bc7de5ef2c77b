"""An array that notes on a tape what is done with it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from layerkit.models.repeatable import FORM, IN_PLACE_METHODS, REPEATABLE, RESULT_METHODS, VIEW_METHODS
from layerkit.types import Array

if TYPE_CHECKING:
    from layerkit.models.tape import Tape


@final
class RecordedArray(NDArrayOperatorsMixin):
    """An array whose operations are noted on a tape, and whose numbers cannot be read unseen.

    It passes for an ndarray, but is none: NumPy would take the memory of one without asking, in ``np.asarray`` and in
    every function that begins with it. So whatever does not go through this class reads, which makes the tape invalid.
    """

    __slots__ = ("memory", "tape")
    __hash__ = None  # type: ignore[assignment]

    memory: Array
    tape: Tape

    def __init__(self, memory: Array, tape: Tape) -> None:
        self.memory = memory
        self.tape = tape

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        return self.memory.shape

    @property
    def ndim(self) -> int:
        return self.memory.ndim

    @property
    def size(self) -> int:
        return self.memory.size

    @property
    def dtype(self) -> Any:
        return self.memory.dtype

    @property
    def itemsize(self) -> int:
        return self.memory.itemsize

    @property
    def nbytes(self) -> int:
        return self.memory.nbytes

    @property
    def strides(self) -> tuple[int, ...]:
        return self.memory.strides

    @property
    def flags(self) -> Any:
        # those of a view of its own: a result that is made read-only is still to be written at each repetition
        return self.memory.view().flags

    @property
    def T(self) -> Any:  # noqa: N802 - NumPy's name
        return self.tape.wrap(self.memory.T)

    @property
    def mT(self) -> Any:  # noqa: N802 - NumPy's name
        return self.tape.wrap(self.memory.mT)

    @property
    def real(self) -> Any:
        return self.tape.wrap(self.memory.real)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        tape = self.tape
        given = options.pop("out", ())
        plain = [tape.plain(each) for each in inputs]
        options = {name: tape.plain(option) for name, option in options.items()}
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        if method == "at":
            _require_recorded(tape, inputs[0])
            function(*plain, **options)
            tape.note(function, *plain, **options)
            return None
        if not all(isinstance(each, RecordedArray) for each in given):
            _require_recorded(tape, *given)
        if given:
            targets = tuple(each.memory if isinstance(each, RecordedArray) else each for each in given)
            found = function(*plain, out=targets, **options)
        else:
            found = function(*plain, **options)
        found = found if isinstance(found, tuple) else (found,)
        results = [
            each if isinstance(each, RecordedArray) else tape.wrap(np.asarray(made))
            for each, made in zip(given or [None] * len(found), found, strict=True)
        ]
        targets = tuple(result.memory for result in results)
        # an output is taken faster by its place than by its name, which NumPy deprecates for these two
        if options or method != "__call__" or ufunc in (np.maximum, np.minimum):
            tape.note(function, *plain, out=targets if len(targets) > 1 else targets[0], **options)
        else:
            tape.note(function, *plain, *targets)
        return results[0] if len(results) == 1 else tuple(results)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
        tape, name = self.tape, getattr(function, "__name__", "a function")
        if function in FORM:
            return function(*_bare(args), **{option: _bare(value) for option, value in kwargs.items()})
        if function not in REPEATABLE or (function is np.where and len(args) + len(kwargs) < 3):
            tape.refuse(f"np.{name} reads numbers, or gives an array whose length depends on them")
            return function(*_bare(args), **{option: _bare(value) for option, value in kwargs.items()})
        return tape.repeat(function, args, kwargs)

    def dot(self, other: Any, out: Any = None) -> Any:
        tape = self.tape
        one, two = self.memory, tape.plain(other)
        if out is None:
            out = tape.wrap(np.asarray(one.dot(two)))
        elif isinstance(out, RecordedArray):
            one.dot(two, out.memory)
        else:
            _require_recorded(tape, out)
            return one.dot(two, out)
        tape.note(one.dot, two, out.memory)
        return out

    def view(self, dtype: Any = None, *args: Any, **options: Any) -> Any:
        if args or options or (isinstance(dtype, type) and issubclass(dtype, np.ndarray)):
            return self._read("view").view(dtype, *args, **options)
        return self.tape.wrap(self.memory.view() if dtype is None else self.memory.view(dtype))

    def __len__(self) -> int:
        return len(self.memory)

    def __iter__(self) -> Iterator[Any]:
        return iter([self[place] for place in range(len(self))])

    def __getitem__(self, key: Any) -> Any:
        tape, memory = self.tape, self.memory
        plain = _bare(key)
        found = memory[plain]
        if plain is key and isinstance(found, np.ndarray) and np.may_share_memory(found, memory):
            return tape.wrap(found)
        if _holds_booleans(key):
            tape.refuse("an index of booleans gives an array whose length depends on numbers")
            return found
        return tape.repeat(operator.getitem, (self, key), {})

    def __setitem__(self, key: Any, value: Any) -> None:
        tape, memory = self.tape, self.memory
        places, plain = tape.plain(key), tape.plain(value)
        if isinstance(plain, (tuple, list)):
            plain = np.array(plain)
        target = memory[places]
        if (
            not _holds_array(key)
            and isinstance(target, np.ndarray)
            and np.ndim(plain) <= target.ndim
            and np.can_cast(np.result_type(plain), target.dtype, "same_kind")
        ):
            np.copyto(target, plain)
            tape.note(np.copyto, target, plain)
            return
        memory[places] = plain
        tape.note(operator.setitem, memory, places, plain)

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()

    def _read(self, how: str) -> Array:
        # from here on Python decides by this batch's numbers, which the next one does not have
        self.tape.refuse(f"numbers of an array are read, by {how}")
        return self.memory

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        memory = self._read(_AS_ARRAY)
        found: Array = np.array(memory, dtype) if copy else np.asarray(memory, dtype)
        return found

    def __bool__(self) -> bool:
        return bool(self._read("bool(), an if or a while"))

    def __float__(self) -> float:
        return float(self._read("float()"))

    def __int__(self) -> int:
        return int(self._read("int()"))

    def __complex__(self) -> complex:
        return complex(self._read("complex()"))

    def __index__(self) -> int:
        return operator.index(self._read("an index or a range"))

    def __contains__(self, value: Any) -> bool:
        return _bare(value) in self._read("in")

    def __str__(self) -> str:
        return str(self._read("str()"))

    def __repr__(self) -> str:
        return repr(self._read("repr()"))

    def __format__(self, form: str) -> str:
        return format(self._read("a text"), form)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self._read("pickle").__reduce_ex__(protocol)

    def __getattr__(self, name: str) -> Any:
        if not hasattr(np.ndarray, name) or (name.startswith("__") and name not in _READING_PROTOCOLS):
            raise AttributeError(f"'ndarray' object has no attribute {name!r}")
        return getattr(self._read(_AS_ARRAY if name.startswith("__array") else name), name)


_READING_PROTOCOLS = ("__array_interface__", "__array_struct__", "__dlpack__", "__dlpack_device__")
_AS_ARRAY = "np.asarray, or by a function that begins with it"


def _method(name: str) -> Callable[..., Any]:
    function = getattr(np.ndarray, name)

    def method(self: RecordedArray, *args: Any, **options: Any) -> Any:
        return self.tape.repeat(function, (self, *args), options)

    return method


def _reduction(reduce: Callable[..., Any], *names: str, **defaults: Any) -> Callable[..., Any]:
    def method(self: RecordedArray, *args: Any, **options: Any) -> Any:
        given = {"axis": None, **defaults, **dict(zip(names, args, strict=False)), **options}
        return reduce(self, **given)

    return method


for _name in (*VIEW_METHODS, *RESULT_METHODS, *IN_PLACE_METHODS):
    setattr(RecordedArray, _name, _method(_name))
# NumPy's own methods of these names are reductions, too; repeated as such they take half the time
for _name, _reduce in (("sum", np.add.reduce), ("prod", np.multiply.reduce)):
    setattr(RecordedArray, _name, _reduction(_reduce, "axis", "dtype", "out", "keepdims", "initial", "where"))
for _name, _reduce in (("max", np.maximum.reduce), ("min", np.minimum.reduce)):
    setattr(RecordedArray, _name, _reduction(_reduce, "axis", "out", "keepdims", "initial", "where"))
for _name, _reduce in (("any", np.logical_or.reduce), ("all", np.logical_and.reduce)):
    setattr(RecordedArray, _name, _reduction(_reduce, "axis", "out", "keepdims", dtype=bool))


def _require_recorded(tape: Tape, *targets: Any) -> None:
    if not all(isinstance(target, RecordedArray) for target in targets):
        tape.refuse("results are written into an array that is neither ctx.scratch nor a gradient")


def _bare(value: Any) -> Any:
    """The memory of what is recorded; the very same object where nothing is."""
    if isinstance(value, RecordedArray):
        return value.memory
    if isinstance(value, (tuple, list)):
        bare = [_bare(each) for each in value]
        return type(value)(bare) if any(one is not other for one, other in zip(bare, value, strict=True)) else value
    return value


def _holds_booleans(key: Any) -> bool:
    if isinstance(key, (tuple, list)):
        return any(_holds_booleans(each) for each in key)
    return isinstance(key, RecordedArray) and key.dtype == bool


def _holds_array(key: Any) -> bool:
    """Whether a key chooses places one by one: what it gives is a copy then."""
    parts = key if isinstance(key, tuple) else (key,)
    return any(isinstance(part, (list, np.ndarray)) for part in parts)
