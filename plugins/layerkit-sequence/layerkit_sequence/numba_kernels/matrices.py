"""How products are called: which numbers of which arrays are a matrix, and in which blocks it is computed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, final

from layerkit_numba import Buffer, Call, Fixed
from layerkit_numba.gathered import gathered_blocks, panel_depth, panel_width
from layerkit_numba.tiles import widest_lanes

from layerkit_sequence.numba_kernels.products import multiply_rows, pack, sum_products, sum_rows

_NEAR = 262_144
"""So many bytes of rows, and 128 of these at the most, are gone through at once for a sum over rows: they stay in the
second cache."""

_MOST = 128

_TIMES = {1: 1.6, 2: 1.0, 3: 0.93}
"""What a column costs, by the vectors that are computed abreast."""


@final
@dataclass(frozen=True)
class Matrix:
    """Some columns of an array whose rows are ``step`` numbers: ``width`` of them, from ``first`` on.

    ``name`` is what a kernel calls the array, in a form of one axis.
    """

    name: str
    step: int
    first: int = 0
    columns: int = 0

    @property
    def width(self) -> int:
        """How many columns it has."""
        return self.columns or self.step


@final
@dataclass(frozen=True)
class Blocks:
    """The blocks in which products are computed: ``tall`` rows of ``abreast`` vectors, for numbers of so many bytes."""

    tall: int
    abreast: int
    itemsize: int

    @classmethod
    def of(cls, width: int, itemsize: int) -> Blocks:
        """Those that suit results of so many columns."""
        lanes = widest_lanes(itemsize)
        found = [cls(*gathered_blocks(abreast * lanes, itemsize), itemsize) for abreast in _TIMES]
        return min(found, key=lambda blocks: blocks.padded(width) * _TIMES[blocks.abreast])

    @property
    def panel(self) -> int:
        """How many columns are computed side by side."""
        return panel_width(self.abreast, self.itemsize)

    @property
    def numbers(self) -> tuple[Any, ...]:
        """What the functions that compute are told."""
        return Fixed(self.tall), Fixed(self.abreast), Fixed(self.panel), panel_depth(self.abreast, self.itemsize)

    def panels(self, width: int) -> int:
        """How many panels so many columns make."""
        return math.ceil(width / self.panel)

    def padded(self, width: int) -> int:
        """How many columns these have."""
        return self.panels(width) * self.panel

    def packed(self, depth: int, width: int) -> Buffer:
        """Memory for a matrix in panels."""
        return Buffer((depth * self.padded(width),), per_example=False)

    def zeros(self, width: int) -> Buffer:
        """Zeros for a row of panels."""
        return Buffer((self.padded(width),), per_example=False, cleared=True)

    def room(self, width: int) -> Buffer:
        """What ``sum_products`` needs for so many columns."""
        return Buffer(((self._summed(width) * self.panel + 16) * self.panels(width),), scratch=True)

    def _summed(self, width: int) -> int:
        """How many rows are gone through at once."""
        return min(_MOST, max(32, _NEAR // (self.padded(width) * self.itemsize)))

    def pack(self, matrix: Matrix, depth: int, into: str) -> Call:
        """Lay so many rows in panels."""
        return self._pack(matrix, (depth, matrix.width, matrix.step, 1), into)

    def pack_turned(self, matrix: Matrix, depth: int, into: str) -> Call:
        """Lay the transpose of so many rows in panels."""
        return self._pack(matrix, (matrix.width, depth, 1, matrix.step), into)

    def _pack(self, matrix: Matrix, form: tuple[int, int, int, int], into: str) -> Call:
        """``form``: depth and width of what is laid, and how far apart its rows and columns lie."""
        given = (Fixed(self.panel), matrix.name, matrix.first, *form, into, 0, "begin", "end")
        return Call(pack, *given, over=self.panels(form[1]))

    def multiply(self, left: Matrix, packed: str, result: Matrix, *, start: str, adds: bool = False) -> Call:
        """result = start + left · right for all rows of ``left``; added to what the result holds if ``adds``."""
        return Call(
            multiply_rows,
            *self.numbers,
            *(left.width, result.width, left.name, left.first, left.step, packed, int(not adds), start, 0),
            *(result.name, result.first, result.step, "begin", "end"),
            over=left.name.replace(":flat", ":count"),
            grain=self.tall,
        )

    def sum_products(self, rows: str, left: Matrix, right: Matrix, sums: Matrix, *, room: str, zeros: str) -> Call:
        """sums = leftᵀ · right."""
        return Call(
            sum_products,
            *self.numbers[:3],
            self._summed(right.width),
            *(rows, left.name, left.first, left.step, left.width),
            *(right.name, right.first, right.step, right.width),
            *(room, zeros, sums.name, sums.first, sums.step, "begin", "end"),
            over=self.panels(right.width),
        )


def sum_of_rows(rows: str, values: Matrix, sums: Matrix) -> Call:
    """The sums of the columns of ``values``, a row."""
    return Call(
        sum_rows,
        *(rows, values.name, values.first, values.step, sums.name, sums.first, "begin", "end"),
        over=values.width,
        grain=16,
    )
