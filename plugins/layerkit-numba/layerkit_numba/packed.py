"""The products of large layers: pieces of the right matrix are copied to where they stay in the nearest cache."""

from __future__ import annotations

import math
from typing import Any

from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic

from layerkit_numba.machine import vector_bytes
from layerkit_numba.product import Asking, product_of
from layerkit_numba.tiles import ADD, BIAS, INDEX, Tiles, blocks

ABREAST = 3
"""Vectors of a panel."""

_DEPTH = 128
"""Rows of a panel that are used before the next: three vectors of 64 bytes in each make 24 KiB."""


def panels(width: int, itemsize: int) -> int:
    """How many panels a matrix of so many columns has, about."""
    return math.ceil(width / (ABREAST * (vector_bytes() // itemsize)))


def panel_size(itemsize: int) -> int:
    """How many numbers the copy of a panel takes."""
    return _DEPTH * ABREAST * (vector_bytes() // itemsize)


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def packed_product(
    typing_context: Any,
    width: Any,
    stride: Any,
    transposed: Any,
    start: Any,
    indexed: Any,
    ahead: Any,
    rows: Any,
    depth: Any,
    left: Any,
    right: Any,
    result: Any,
    bias: Any,
    panel: Any,
    index: Any,
    data: Any,
    lines: Any,
) -> Any:
    """result = left · right, or leftᵀ · right, for matrices that do not fit the nearest cache.

    The arguments are those of ``product``, less those that shape the tiles; ``panel``, of ``panel_size`` numbers, takes
    the copies; ``ahead`` lines are asked for with each row that is copied.
    """
    literals = (width, stride, transposed, start, indexed, ahead)
    kinds = (left, right, result, bias, panel, index, data, lines)
    return product_of("packed_product", literals, kinds, lambda *given: _Packed(*given).emit())


class _Packed:
    """Writes the instructions: pieces of depth, in each the panels of right, in each the tiles of the result."""

    def __init__(
        self, builder: Any, numbers: list[int], rows: Any, depth: Any, arrays: list[Any], itemsize: int
    ) -> None:
        self.width, stride, transposed, self.start, indexed, self.ahead = numbers
        self.builder, self.rows, self.depth = builder, rows, depth
        left, right, result, bias, panel, index, self.data, self.lines = arrays
        self.shape = blocks(self.width, itemsize, ABREAST)
        tiles = self.tiles = Tiles(builder, itemsize, self.shape.lanes, transposed=bool(transposed))
        tiles.left, tiles.left_stride = left.data, stride
        tiles.right, tiles.right_stride = right.data, self.width
        tiles.result, tiles.result_stride = result.data, self.width
        tiles.bias = bias.data
        tiles.index = index.data if indexed else None
        self.panel = panel.data

    def emit(self) -> None:
        b = self.builder
        self._initialize()
        pieces = b.sdiv(b.add(self.depth, INDEX(_DEPTH - 1)), INDEX(_DEPTH))
        # of equal length, nearly: a short last one would be mostly overhead
        some = b.select(b.icmp_signed(">", pieces, INDEX(0)), pieces, INDEX(1))
        length = b.sdiv(b.add(self.depth, b.sub(some, INDEX(1))), some)
        with cgutils.for_range(b, pieces) as piece:
            begin = b.mul(piece.index, length)
            end = b.add(begin, length)
            end = b.select(b.icmp_signed("<", end, self.depth), end, self.depth)
            regular, last = self._panels()
            if regular:
                with cgutils.for_range_slice(b, INDEX(0), INDEX(regular * self._step), INDEX(self._step), INDEX) as (
                    into,
                    _,
                ):
                    self._panel(begin, end, into, tuple(place * self.shape.lanes for place in range(ABREAST)))
            for columns in last:
                into = columns[0]
                self._panel(begin, end, INDEX(into), tuple(column - into for column in columns))

    @property
    def _step(self) -> int:
        return ABREAST * self.shape.lanes

    def _panels(self) -> tuple[int, list[tuple[int, ...]]]:
        """How many panels are alike, one after another, and the columns of the others."""
        starts = [column for panel in self.shape.panels for column in panel]
        regular = max(0, len(starts) // ABREAST - (1 if starts[-1] % self.shape.lanes else 0))
        rest = starts[regular * ABREAST :]
        # vectors that overlap must be of one panel
        cut = len(rest) // 2 if len(rest) > ABREAST else 0
        return regular, [tuple(part) for part in (rest[:cut], rest[cut:]) if part]

    def _initialize(self) -> None:
        """What the sums begin with goes into the result, for they are added up piece by piece."""
        b, tiles = self.builder, self.tiles
        if self.start == ADD:
            return
        with cgutils.for_range(b, self.rows) as loop:
            row = tiles.indexed(loop.index) if tiles.index is not None and tiles.transposed else loop.index
            target = tiles.at(tiles.result, b.mul(row, INDEX(self.width)))
            for columns in self.shape.panels:
                for column in columns:
                    zero = ir.Constant(tiles.vector, None)
                    tiles.store(tiles.load(tiles.bias, column) if self.start == BIAS else zero, target, column)

    def _panel(self, begin: Any, end: Any, into: Any, columns: tuple[int, ...]) -> None:
        b, tiles = self.builder, self.tiles
        tall = 8 if vector_bytes() == 64 else 4  # with three vectors each, these sums fill the registers
        lanes = self.shape.lanes
        count = len(columns)

        def across(turn: Any, _: tuple[int, ...]) -> list[Any]:
            base = tiles.at(self.panel, b.mul(b.sub(turn, begin), INDEX(count * lanes)))
            return [tiles.load(base, place * lanes) for place in range(count)]

        with cgutils.for_range_slice(b, begin, end, INDEX(1), INDEX) as (turn, _):
            source = tiles.at(tiles.right, b.add(b.mul(tiles.depth_place(turn), INDEX(self.width)), into))
            target = tiles.at(self.panel, b.mul(b.sub(turn, begin), INDEX(count * lanes)))
            for place, column in enumerate(columns):
                tiles.store(tiles.load(source, column), target, place * lanes)
            if self.ahead:
                before = b.mul(b.sdiv(into, INDEX(self._step)), self.depth)
                Asking(b, self.data, self.lines, self.ahead, before).ask(turn)
        done = INDEX(0)
        while tall:
            # the rows that are left are taken half as many at once, and so on
            whole = b.sub(self.rows, b.srem(b.sub(self.rows, done), INDEX(tall)))
            with cgutils.for_range_slice(b, done, whole, INDEX(tall), INDEX) as (row, _):
                tiles.block(row, tall, columns, (begin, end), ADD, across=across, into=into)
            done = whole
            tall //= 2
