"""Instructions as a table of addresses, for batches of so many rows, and the run over it."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from functools import cache
from numbers import Integral
from typing import Any, final

import numba
import numpy as np
from numba import types
from numba.np.numpy_support import from_dtype

from layerkit.types import Array, DType
from layerkit_numba.failures import raise_failure
from layerkit_numba.interface import Fixed
from layerkit_numba.natives import address_of
from layerkit_numba.operands import INTEGERS, NUMBERS, Count, Edge, Number, Operand, Register, View, Whole
from layerkit_numba.walking import ACCUMULATE, BASE, BEGIN, END, ROWS, STEP, STOP, walk
from layerkit_numba.wrapping import FAILED, GENERATOR_WORDS, Again, Kind, Known
from layerkit_numba.writer import Instruction

# other threads go on meanwhile: what needs the interpreter, such as print, asks for it
_ENTRANCE = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p)


@final
class Table:
    """Instructions bound to arrays, for batches of ``n`` rows; arrays stay where they are as long as it lives.

    ``arrays`` are by the names that operands give; ``dtype`` is the model's.
    """

    def __init__(
        self, instructions: Sequence[Instruction], arrays: Mapping[str, Any], registers: Registers, dtype: DType, n: int
    ) -> None:
        self._arrays = {**arrays, "integers": registers.integers, "numbers": registers.numbers}
        self._registers, self._dtype, self._n = registers, dtype, n
        self._numbers: list[Array] = []
        self._rows = []
        addresses = []
        for instruction in instructions:
            kinds: list[Kind] = []
            words: list[int] = []
            places: dict[Any, int] = {}
            for number, operand in enumerate(instruction.operands):
                kind, own = self._bound(operand)
                if isinstance(operand, View):
                    first = places.setdefault((operand.memory, operand.start, operand.dtype), number)
                    if first != number:
                        assert isinstance(kind, types.Type)
                        kind, own = Again(kind, first), own[1:]
                kinds.append(kind)
                words += own
            row = np.array(words, np.int64)
            self._rows.append(row)
            address = address_of(instruction.function, tuple(kinds), decides=instruction.decides)
            addresses.append((address, place_of(row)))
        self.entries = np.array(addresses, np.int64).reshape(-1, 2)

    def _bound(self, operand: Operand) -> tuple[Kind, list[int]]:
        """What a function is compiled for at an operand, and its words."""
        if isinstance(operand, View):
            return self._view(operand)
        if isinstance(operand, Whole):
            return _whole(self._arrays[operand.name])
        if isinstance(operand, Register):
            return self._registers.bound(operand.name)
        if isinstance(operand, Fixed):
            return Known(operand.value), []
        if isinstance(operand, (Count, Edge)):
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
    """The numbers that change from batch to batch."""

    def __init__(self) -> None:
        self.integers = np.zeros(len(INTEGERS), np.int64)
        self.numbers = np.zeros(len(NUMBERS), np.float64)

    def bound(self, name: str) -> tuple[Kind, list[int]]:
        """The kind of one, and where it lies."""
        if name in INTEGERS:
            return types.int64, [place_of(self.integers) + 8 * INTEGERS.index(name)]
        return types.float64, [place_of(self.numbers) + 8 * NUMBERS.index(name)]


@final
class Walk:
    """Runs a table: ``run`` says whether all numbers were finite."""

    def __init__(self, table: Table, registers: Registers, rates: Array) -> None:
        self._told = np.zeros(6, np.int64)
        self._failure = np.zeros(2, np.int64)
        given = {
            "table": table.entries,
            "told": self._told,
            "rates": rates,
            "integers": registers.integers,
            "numbers": registers.numbers,
            "failure": self._failure,
        }
        kinds, words = zip(*map(_whole, given.values()), strict=True)
        self._words = np.array([word for own in words for word in own], np.int64)
        self._kept = table, given
        self._enter = _ENTRANCE(address_of(walk, tuple(kinds), decides=True))

    def run(self, begin: int, end: int, *, base: int, rows: int, accumulate: int, step: int) -> bool:
        """Run the batches from ``begin`` to ``end``.

        Raises:
            Exception: what a function raised.
        """
        told = self._told
        told[BEGIN], told[END], told[BASE], told[ROWS], told[ACCUMULATE], told[STEP] = (
            begin,
            end,
            base,
            rows,
            accumulate,
            step,
        )
        code = self._enter(place_of(self._words), place_of(self._failure))
        if code == FAILED:
            raise_failure(self._failure)
        return bool(code != STOP)


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
