"""Instructions as a table of addresses, for batches of so many rows, and the run over it, of one thread."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from numbers import Integral
from typing import Any, final

import numba
import numpy as np
from numba import types
from numba.np.numpy_support import from_dtype

from layerkit.types import Array, DType
from layerkit_numba.interface import Fixed
from layerkit_numba.natives import address_of
from layerkit_numba.operands import FOUND, INTEGERS, NUMBERS, Count, Edge, Number, Operand, Register, View, Whole
from layerkit_numba.walking import ACCUMULATE, BASE, BEGIN, END, LAST, NUMBER, OFFSET, ROWS, STEP, THREADS, walk
from layerkit_numba.wrapping import GENERATOR_WORDS, Again, Kind, Known
from layerkit_numba.writer import Instruction

# other threads go on meanwhile: what needs the interpreter, such as print, asks for it
_ENTRANCE = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p)


@final
class Table:
    """Instructions bound to arrays, for batches of ``n`` rows; arrays stay where they are as long as it lives.

    ``arrays`` are by the names that operands give; ``dtype`` is the model's. Instructions that may be cut are, into
    ``pieces``: the table makes ``own`` of them. The others are made with the first piece.
    """

    def __init__(
        self,
        instructions: Sequence[Instruction],
        arrays: Mapping[str, Any],
        registers: Registers,
        dtype: DType,
        n: int,
        *,
        own: Sequence[int] = (0,),
        pieces: int = 1,
    ) -> None:
        self._arrays = {**arrays, "integers": registers.integers, "numbers": registers.numbers}
        self._registers, self._dtype, self._n = registers, dtype, n
        self._own, self._pieces = own, pieces
        self._numbers: list[Array] = []
        self._rows: list[Array] = []
        self._places: dict[str, list[tuple[Array, int]]] = {}
        entries = [entry for each, meets in _with_meetings(instructions) for entry in self._entries(each, meets=meets)]
        self.entries = np.array(entries, np.int64).reshape(-1, 4)

    def point(self, name: str, array: Array) -> None:
        """Let instructions find another array by this name, of the same dtype and, but for its length, shape.

        It is not kept: it must live as long as instructions run on it.
        """
        for row, place in self._places.get(name, ()):
            row[place] = place_of(array)

    def _entries(self, instruction: Instruction, *, meets: bool) -> Iterator[tuple[int, int, bool, bool]]:
        """The rows of an instruction: of one that is not for this table, one without a function."""
        for piece in self._own if instruction.cut else (0,):
            found = 0, 0
            if instruction.cut or 0 in self._own:
                found = self._call(instruction, piece)
            yield *found, meets, instruction.decides

    def _call(self, instruction: Instruction, piece: int) -> tuple[int, int]:
        """Where the function is and where its words are, or zeros if the piece is empty."""
        edges = [each.of(self._n, piece, self._pieces) for each in instruction.operands if isinstance(each, Edge)]
        if self._pieces > 1 and edges and min(edges) == max(edges):
            return 0, 0
        kinds: list[Kind] = []
        words: list[int] = []
        places: dict[Any, int] = {}
        whole: list[tuple[str, int]] = []
        for number, operand in enumerate(instruction.operands):
            if isinstance(operand, Whole):
                whole.append((operand.name, len(words)))
            kind, own = self._bound(operand, piece)
            if isinstance(operand, View):
                first = places.setdefault((operand.memory, operand.start, operand.dtype), number)
                if first != number:
                    assert isinstance(kind, types.Type)
                    kind, own = Again(kind, first), own[1:]
            kinds.append(kind)
            words += own
        row = np.array(words, np.int64)
        self._rows.append(row)
        for name, place in whole:
            self._places.setdefault(name, []).append((row, place))
        return address_of(instruction.function, tuple(kinds), decides=instruction.decides), place_of(row)

    def _bound(self, operand: Operand, piece: int) -> tuple[Kind, list[int]]:
        """What a function is compiled for at an operand, and its words."""
        if isinstance(operand, View):
            return self._view(operand)
        if isinstance(operand, Whole):
            return _whole(self._arrays[operand.name])
        if isinstance(operand, Register):
            return self._registers.bound(operand.name)
        if isinstance(operand, Fixed):
            return Known(operand.value), []
        if isinstance(operand, Edge):
            return self._number(operand.of(self._n, piece, self._pieces))
        if isinstance(operand, Count):
            return self._number(operand.of(self._n))
        assert isinstance(operand, Number)
        return self._number(operand.value)

    def _view(self, view: View) -> tuple[Kind, list[int]]:
        memory = self._arrays[view.memory]
        dtype = np.dtype(view.dtype or self._dtype)
        shape = [axis.of(self._n) for axis in view.axes]
        kind = _array(dtype, len(shape))
        return kind, [place_of(memory) + view.start * memory.itemsize, *shape]

    def _number(self, value: object) -> tuple[Kind, list[int]]:
        kind: Kind
        dtype: DType
        if isinstance(value, (bool, np.bool_)):
            kind, dtype = types.boolean, np.dtype(np.int64)
        elif isinstance(value, Integral):
            kind, dtype = types.int64, np.dtype(np.int64)
        else:
            kind, dtype = types.float64, np.dtype(np.float64)
        cell: Array = np.array([value], dtype)
        self._numbers.append(cell)
        return kind, [place_of(cell)]


@final
class Registers:
    """The numbers that change from batch to batch; those that instructions find are the ``first`` thread's."""

    def __init__(self, first: Registers | None = None) -> None:
        self.integers = np.zeros(len(INTEGERS), np.int64)
        self.numbers = np.zeros(len(NUMBERS), np.float64)
        self._first = first or self

    def bound(self, name: str) -> tuple[Kind, list[int]]:
        """The kind of one, and where it lies."""
        own = self._first if name in FOUND else self
        if name in INTEGERS:
            return types.int64, [place_of(own.integers) + 8 * INTEGERS.index(name)]
        return types.float64, [place_of(own.numbers) + 8 * NUMBERS.index(name)]


@final
class Walk:
    """The run of one thread over its table; ``shared`` is where it meets the others, ``failure`` what was raised."""

    def __init__(
        self, table: Table, registers: Registers, rates: Array, shared: Array, *, number: int = 0, threads: int = 1
    ) -> None:
        self._told = np.zeros(10, np.int64)
        self._told[NUMBER], self._told[THREADS] = number, threads
        self.failure = np.zeros(2, np.int64)
        given = {
            "table": table.entries,
            "told": self._told,
            "rates": rates,
            "integers": registers.integers,
            "numbers": registers.numbers,
            "shared": shared,
            "failure": self.failure,
        }
        kinds, words = zip(*map(_whole, given.values()), strict=True)
        self._words = np.array([word for own in words for word in own], np.int64)
        self._kept = table, given
        self._enter = _ENTRANCE(address_of(walk, tuple(kinds), decides=True))
        self._places = place_of(self._words), place_of(self.failure)

    def run(self, stretch: Stretch) -> int:
        """Run some batches; the last code, of ``walking``'s or ``FAILED``."""
        self.tell(stretch)
        return int(self._enter(*self._places))

    def run_one(self, batch: int) -> int:
        """Run one batch of those that were told."""
        self._told[BEGIN], self._told[END] = batch, batch + 1
        return int(self._enter(*self._places))

    def again(self, stretch: Stretch) -> Callable[[], int]:
        """What runs these batches, each time that it is called, and nothing else in between."""
        self.tell(stretch)
        words, failure = (ctypes.c_void_p(place_of(array)) for array in (self._words, self.failure))
        return partial(self._enter, words, failure)

    def tell(self, stretch: Stretch) -> None:
        """Say which batches are to be run."""
        told = self._told
        piece = stretch.piece
        told[BEGIN], told[END], told[BASE] = piece.begin, piece.end, stretch.base
        told[ROWS], told[OFFSET], told[LAST] = piece.stride, piece.offset, piece.last
        told[ACCUMULATE], told[STEP] = stretch.accumulate, stretch.step


@final
@dataclass(frozen=True, slots=True)
class Piece:
    """The batches from ``begin`` to ``end``, all of ``rows`` examples; ``last`` is one of them or comes after them, and
    ends a step.

    The examples of batch b begin at b · ``stride`` − ``offset`` in the order.
    """

    begin: int
    end: int
    rows: int
    stride: int
    last: int
    offset: int = 0


@final
@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece to run, in steps of ``accumulate`` batches; the batch ``base`` begins ``step``."""

    piece: Piece
    base: int
    accumulate: int
    step: int


def _with_meetings(instructions: Sequence[Instruction]) -> Iterator[tuple[Instruction, bool]]:
    """Each instruction, and whether threads meet before it: not where one thread does this one and the one before."""
    before: Instruction | None = None
    for instruction in instructions:
        alone = before is not None and not (before.cut or instruction.cut or instruction.decides)
        yield instruction, not alone
        before = instruction


@cache
def _array(dtype: DType, axes: int) -> types.Array:
    return types.Array(from_dtype(dtype), axes, "C")


def _whole(given: Any) -> tuple[Kind, list[int]]:
    if isinstance(given, np.random.Generator):
        return numba.typeof(given), _generator_words(given)
    if given.flags.c_contiguous and given.flags.aligned:
        return _array(given.dtype, given.ndim), [place_of(given), *given.shape]
    kind = numba.typeof(given).copy(readonly=False)
    words = [place_of(given), *given.shape]
    return kind, words if kind.layout == "C" else [*words, *given.strides]


def _generator_words(generator: np.random.Generator) -> list[int]:
    interface = generator.bit_generator.ctypes
    functions = (interface.next_uint64, interface.next_uint32, interface.next_double)
    addresses = [ctypes.cast(function, ctypes.c_void_p).value or 0 for function in functions]
    words = [interface.state_address, interface.state.value, *addresses]
    assert len(words) == len(GENERATOR_WORDS)
    return words


def place_of(array: Array) -> int:
    """Where an array's memory begins."""
    place: int = array.__array_interface__["data"][0]
    return place
