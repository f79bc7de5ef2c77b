"""Writes a step as data: working memory, and calls of functions in their order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np

from layerkit.errors import EngineError
from layerkit_numba.identity import Loop, plain_function
from layerkit_numba.interface import Argument, Buffer, Call, Fixed
from layerkit_numba.operands import Count, Edge, Number, Operand, Value

GRAIN = 64
"""Of so many numbers the pieces of loops are multiples, so that each begins with whole vectors."""

_ALIGNED = 16
_LINE = 64
_FORMS = ("", "rows", "table", "flat", "count", "size")
_DTYPES = ("bool", "uint8", "int32", "int64", "float32", "float64")

Names = dict[str, Operand | Value]
"""What the words of a kernel's calls stand for."""


@final
@dataclass(frozen=True, slots=True)
class Instruction:
    """A call. One that ``decides`` says by what it returns how to go on (see ``walking``)."""

    function: Any
    operands: tuple[Operand, ...]
    decides: bool = False

    @property
    def cut(self) -> bool:
        """Whether it may be made in pieces, side by side."""
        return any(isinstance(operand, Edge) for operand in self.operands)


@final
@dataclass(frozen=True, slots=True)
class HostCall:
    """One pass of a layer, by its own method: ``path`` is where it stands.

    ``reads`` are its inputs, or the gradients of its outputs; ``fills`` what it gives, None where nobody wants that;
    ``gradients``, by the path and the name of a parameter, those of layers that stood in the model before; ``states``
    where states are, and what they shall become.
    """

    path: str
    backward: bool
    reads: tuple[Value, ...]
    fills: tuple[Value | None, ...]
    mask: Value | None = None
    gradients: tuple[tuple[str, str, Value], ...] = ()
    states: tuple[tuple[Value, Value], ...] = ()


@final
@dataclass(frozen=True, slots=True)
class CostCall:
    """A cost's two methods, one after the other."""

    prediction: Value
    target: Value
    costs: Value
    gradient: Value
    mask: Value | None


@final
@dataclass(frozen=True, slots=True)
class UpdateCall:
    """A method of the optimizer, which is number 0, or of a transform: ``before``, ``update`` or ``after``."""

    number: int
    method: str


AnyHostCall: TypeAlias = HostCall | CostCall | UpdateCall


@final
class Writer:
    """Collects instructions, and hands out memory, for batches of at most so many rows.

    ``rows`` is how many rows an example has in the memory that is handed out now; ``hosted`` are calls that are made
    before the instruction of that number.
    """

    def __init__(self, batch_size: int) -> None:
        self.batch_size = batch_size
        self.rows = 1
        self._used = self._used_bytes = self._scratch = 0
        self.instructions: list[Instruction] = []
        self.hosted: list[tuple[int, AnyHostCall]] = []
        self.cleared: list[Value] = []

    @property
    def memory_size(self) -> int:
        """How many numbers of working memory the program needs."""
        return max(self._used, 1)

    @property
    def room_size(self) -> int:
        """How many bytes it needs for what is not in the model's dtype."""
        return max(self._used_bytes, 1)

    @property
    def scratch_size(self) -> int:
        """How many numbers each thread needs for itself."""
        return max(self._scratch, 1)

    def scratch(self, name: str, shape: tuple[int, ...]) -> Value:
        """Memory that each thread has for itself, from the first instruction of a piece to its last."""
        start = self._scratch
        self._scratch += math.ceil(math.prod(shape) / _ALIGNED) * _ALIGNED
        return Value(name, "scratch", start, shape, per_example=False)

    def buffer(self, name: str, buffer: Buffer) -> Value:
        """The memory of a kernel's buffer.

        Raises:
            EngineError: there is no memory of its dtype.
        """
        if buffer.scratch:
            return self.scratch(name, buffer.shape)
        form: dict[str, Any] = {"per_example": buffer.per_example, "dtype": buffer.dtype, "cleared": buffer.cleared}
        return self.allocate(name, buffer.shape, **form)

    def allocate(
        self, name: str, shape: tuple[int, ...], *, per_example: bool = True, dtype: str = "", cleared: bool = False
    ) -> Value:
        """Working memory for an array.

        Raises:
            EngineError: there is no memory of this dtype.
        """
        rows = self.rows if per_example else 1
        size = math.prod(shape) * (self.batch_size * rows if per_example else 1)
        if dtype:
            if dtype not in _DTYPES:
                raise EngineError(f"a kernel asks for a buffer of {dtype!r}; the dtypes are {', '.join(_DTYPES)}")
            start = self._used_bytes
            self._used_bytes += math.ceil(size * np.dtype(dtype).itemsize / _LINE) * _LINE
            value = Value(name, "room", start, shape, per_example, dtype, rows)
        else:
            start = self._used
            self._used += math.ceil(size / _ALIGNED) * _ALIGNED
            value = Value(name, "memory", start, shape, per_example, rows=rows)
        if cleared:
            self.cleared.append(value)
        return value

    def add(self, function: Any, *operands: Operand | Value, decides: bool = False) -> None:
        """Call a function of the engine's own, or a loop around functions."""
        given = tuple(each.view() if isinstance(each, Value) else each for each in operands)
        self.instructions.append(Instruction(function, given, decides))

    def host(self, call: AnyHostCall) -> None:
        """Have a component do its part by its own methods."""
        self.hosted.append((len(self.instructions), call))

    def call(self, call: Call, names: Names, owner: str) -> None:
        """Call a kernel's function, whole or in pieces; ``names`` says what its words stand for.

        Raises:
            EngineError: the function cannot be found by name, or asks for what there is not.
        """
        require_by_name(call.function)
        if call.over != "":
            over = self._operand(call.over, names, owner)
            # random numbers are drawn in their order
            piece = (Count(0), over) if "rng" in call.arguments else piece_of(over, call.grain)
            names = names | dict(zip(("begin", "end"), piece, strict=True))
        self.add(call.function, *(self._operand(argument, names, owner) for argument in call.arguments))

    def _operand(self, argument: Argument, names: Names, owner: str) -> Operand:
        if isinstance(argument, Fixed):
            return argument
        if not isinstance(argument, str):
            return Count(argument) if type(argument) is int else Number(argument)
        # a part is named by people, who may take a colon
        whole = argument in names or ":" not in argument
        name, _, form = (argument, "", "") if whole else argument.rpartition(":")
        value = names.get(name)
        if form not in _FORMS:
            raise EngineError(f"the kernel of {owner} asks for {argument!r}; the forms are {', '.join(_FORMS[1:])}")
        if value is None:
            raise EngineError(f"the kernel of {owner} asks for {name!r}; it may ask for {', '.join(sorted(names))}")
        return value.view(form) if isinstance(value, Value) else value


def piece_of(count: Operand, grain: int) -> tuple[Operand, Operand]:
    """Where the piece of a call over so many begins, and where it ends."""
    if not isinstance(count, Count):
        # known only while the program runs
        return Count(0), count
    return Edge(count, grain, last=False), Edge(count, grain, last=True)


def loop(text: str, **calls: Any) -> Loop:
    """A function that is written around others.

    Raises:
        EngineError: one of them cannot be found by name.
    """
    for function in calls.values():
        require_by_name(function)
    return Loop(text, tuple(calls.items()))


def require_by_name(function: Any) -> None:
    """Refuse a function that another process could not find.

    Raises:
        EngineError: it does not stand at the top level of a module.
    """
    if isinstance(function, Loop):  # made of functions that were looked at
        return
    plain = plain_function(function)
    module, name = plain.__module__, plain.__qualname__
    if "<" in name or "." in name:
        raise EngineError(f"a kernel's function must stand at the top level of its module, got {module}:{name}")
