"""The products of large layers: pieces of the right matrix are copied to where they stay in the nearest cache."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
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
    begin: Any,
    end: Any,
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
    """The columns from ``begin`` to ``end`` of result = left · right, or leftᵀ · right: for matrices that do not fit
    the nearest cache.

    ``begin`` is a multiple of the widest vector, and ``end`` too unless it is the ``width``: so a thread has columns of
    right and of the result for itself. The others are those of ``product``, less those that shape the tiles; ``panel``,
    of ``panel_size`` numbers, takes the copies; ``ahead`` lines are asked for with each row that is copied.
    """
    literals = (width, stride, transposed, start, indexed, ahead)
    kinds = (left, right, result, bias, panel, index, data, lines)
    return product_of("packed_product", literals, 4, kinds, lambda *given: _Packed(*given).emit())


class _Packed:
    """Writes the instructions: pieces of depth, in each the panels of right, in each the tiles of the result."""

    def __init__(self, builder: Any, numbers: list[int], sizes: list[Any], arrays: list[Any], itemsize: int) -> None:
        self.width, stride, transposed, self.start, indexed, self.ahead = numbers
        self.builder = builder
        self.first, self.last, self.rows, self.depth = sizes
        left, right, result, bias, panel, index, self.data, self.lines = arrays
        self.lanes = blocks(self.width, itemsize, ABREAST).lanes
        tiles = self.tiles = Tiles(builder, itemsize, self.lanes, transposed=bool(transposed))
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
            self._each_panel(partial(self._panel, begin, end))

    def _each_panel(self, write: Callable[[Any, tuple[int, ...]], None], *, abreast: int = ABREAST) -> None:
        """Write what is done with each panel of the piece: where it begins, and its vectors from there."""
        b, lanes, step = self.builder, self.lanes, abreast * self.lanes
        # the last vector may overlap the one before it: both must be of one panel
        overlaps = self.width % lanes
        regular = self.width // lanes * lanes - (lanes if overlaps else 0)
        stop = b.select(b.icmp_signed("<", self.last, INDEX(regular)), self.last, INDEX(regular))
        count = b.sub(stop, self.first)
        count = b.select(b.icmp_signed(">", count, INDEX(0)), count, INDEX(0))
        whole = b.add(self.first, b.mul(b.sdiv(count, INDEX(step)), INDEX(step)))
        if regular >= step:
            with cgutils.for_range_slice(b, self.first, whole, INDEX(step), INDEX) as (into, _):
                write(into, tuple(place * lanes for place in range(abreast)))
        if regular and abreast > 1:
            with cgutils.for_range_slice(b, whole, stop, INDEX(lanes), INDEX) as (into, _):
                write(into, (0,))
        if overlaps:
            with b.if_then(b.icmp_signed("==", self.last, INDEX(self.width))):
                write(INDEX(regular), (0, self.width - lanes - regular))

    def _initialize(self) -> None:
        """What the sums begin with goes into the result, for they are added up piece by piece."""
        b, tiles = self.builder, self.tiles
        if self.start == ADD:
            return
        with cgutils.for_range(b, self.rows) as loop:
            row = tiles.indexed(loop.index) if tiles.index is not None and tiles.transposed else loop.index
            target = tiles.at(tiles.result, b.mul(row, INDEX(self.width)))

            def begin(into: Any, columns: tuple[int, ...]) -> None:
                for column in columns:
                    zero = ir.Constant(tiles.vector, None)
                    first = tiles.load(tiles.at(tiles.bias, into), column) if self.start == BIAS else zero
                    tiles.store(first, tiles.at(target, into), column)

            self._each_panel(begin, abreast=1)

    def _panel(self, begin: Any, end: Any, into: Any, columns: tuple[int, ...]) -> None:
        b, tiles = self.builder, self.tiles
        lanes = self.lanes
        count = len(columns)
        tall = 8 if vector_bytes() == 64 else 4  # with three vectors each, these sums fill the registers
        if count == 1:
            tall *= 2  # fewer would wait for each other

        def across(turn: Any, _: tuple[int, ...]) -> list[Any]:
            base = tiles.at(self.panel, b.mul(b.sub(turn, begin), INDEX(count * lanes)))
            return [tiles.load(base, place * lanes) for place in range(count)]

        with cgutils.for_range_slice(b, begin, end, INDEX(1), INDEX) as (turn, _):
            source = tiles.at(tiles.right, b.add(b.mul(tiles.depth_place(turn), INDEX(self.width)), into))
            target = tiles.at(self.panel, b.mul(b.sub(turn, begin), INDEX(count * lanes)))
            for place, column in enumerate(columns):
                tiles.store(tiles.load(source, column), target, place * lanes)
            if self.ahead:
                before = b.mul(b.sdiv(into, INDEX(ABREAST * lanes)), self.depth)
                Asking(b, self.data, self.lines, self.ahead, before).ask(turn)
        done = INDEX(0)
        while tall:
            # the rows that are left are taken half as many at once, and so on
            whole = b.sub(self.rows, b.srem(b.sub(self.rows, done), INDEX(tall)))
            with cgutils.for_range_slice(b, done, whole, INDEX(tall), INDEX) as (row, _):
                tiles.block(row, tall, columns, (begin, end), ADD, across=across, into=into)
            done = whole
            tall //= 2
