"""Blocks of a matrix product that are held in registers, and the instructions that compute one of them.

A library call costs more than the arithmetic of a small layer, and a compiler does not keep a block of sums in
registers by itself. So the loop over one block is laid out here, for the exact width of the layer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from llvmlite import ir

from layerkit_numba.machine import vector_bytes

INDEX = ir.IntType(64)
STORE, ADD, BIAS = 0, 1, 2
"""What a product begins with: zero, what the result holds, or one vector in every row."""

_LANE = ir.IntType(32)
_WORD = 8
_NOWHERE = INDEX(0)
_CONTRACT = ("contract",)


@dataclass(frozen=True)
class Blocks:
    """How the columns of a result are cut: vectors of ``lanes``, by where they begin, so many abreast."""

    lanes: int
    panels: tuple[tuple[int, ...], ...]


def blocks(width: int, itemsize: int, abreast: int) -> Blocks:
    """Vectors that cover the columns; the last one overlaps its neighbour rather than reach beyond the row.

    >>> blocks(30, 4, 3).panels[-1][-1] + blocks(30, 4, 3).lanes
    30
    """
    lanes = min(widest_lanes(itemsize), 1 << (width.bit_length() - 1))
    count = math.ceil(width / lanes)
    starts = [min(place * lanes, width - lanes) for place in range(count)]
    panels = math.ceil(count / abreast)
    # the larger panels come last: vectors that overlap must be of one panel, read before either is written
    edges = [place * count // panels for place in range(panels + 1)]
    return Blocks(lanes, tuple(tuple(starts[a:b]) for a, b in pairwise(edges)))


def widest_lanes(itemsize: int) -> int:
    """How many numbers the widest vector holds."""
    return vector_bytes() // itemsize


def registers() -> int:
    """How many vectors of sums a block may have, with room left for what is multiplied."""
    return 28 if vector_bytes() == 64 else 12


def best_together(depth: int, width: int, itemsize: int) -> int:
    """How many of ``depth`` products to make at once, so that a narrow layer fills a vector: 1 where it does by itself.

    >>> best_together(784, 30, 4)
    1
    """
    group = widest_lanes(itemsize) // blocks(width, itemsize, 1).lanes
    return group if depth % group == 0 else 1


@cache
def best_blocks(rows: int, width: int, itemsize: int, *, together: int = 1) -> tuple[int, int]:
    """How many rows (or groups ``together``) and vectors of the result to hold in registers: the shape that needs the
    fewest cycles.

    Counted are two multiplications and two loads a cycle, and the four cycles that a sum takes.

    >>> tall, abreast = best_blocks(10, 30, 4)
    >>> 10 % tall
    0
    """
    best: tuple[float, int, int] | None = None
    # what lies side by side takes a register of its own before it is multiplied
    most = registers() if together == 1 else registers() // 2
    for abreast in range(2, 6):
        panels = blocks(width, itemsize, abreast).panels
        for tall in range(1, min(rows, most // max(map(len, panels))) + 1):
            cycles = 0.0
            for panel in map(len, panels):
                whole, single = divmod(rows, tall)
                cycles += whole * max(tall * panel / 2, (tall + panel) / 2, 4) + single * max(panel / 2, 4)
            if best is None or cycles < best[0]:
                best = (cycles, tall, abreast)
    assert best is not None
    return best[1:]


class Tiles:
    """Writes the instructions that compute blocks of a product: left · right, or leftᵀ · right.

    ``index`` names the columns of left, as it lies in memory, that count at all; None: all of them. So that a narrow
    layer fills a vector, ``together`` neighbouring columns of left are multiplied at once: they are counted, and named
    by the index, in groups.
    """

    def __init__(self, builder: Any, itemsize: int, lanes: int, *, transposed: bool, together: int = 1) -> None:
        self.builder = builder
        self.itemsize = itemsize
        self.scalar = ir.FloatType() if itemsize == 4 else ir.DoubleType()
        self.lanes = lanes
        self.transposed = transposed
        self.together = together
        self.narrow = ir.VectorType(self.scalar, lanes)
        self.vector = ir.VectorType(self.scalar, lanes * together)
        self.left: Any
        self.left_stride = 0
        self.right: Any
        self.right_stride = 0
        self.result: Any
        self.result_stride = 0
        self.bias: Any = None
        self.index: Any = None

    def block(
        self,
        row: Any,
        tall: int,
        columns: tuple[int, ...],
        turns: tuple[Any, Any],
        start: int,
        *,
        across: Callable[[Any, tuple[int, ...]], list[Any]] | None = None,
        into: Any = _NOWHERE,
        each: Callable[[Any], None] | None = None,
    ) -> None:
        """Compute ``tall`` rows of the result from ``row`` on, at ``columns``, in turns from one number to another.

        ``across(turn, columns)`` gives the vectors of right; ``into`` is added to the columns of the result; ``each``
        writes what else is to be done in a turn.
        """
        b = self.builder
        begin, end = turns
        rows = [b.add(row, INDEX(offset)) for offset in range(tall)]
        if self.index is not None and self.transposed:
            rows = [self.indexed(each_row) for each_row in rows]
            bases = [self.at(self.left, b.mul(each_row, INDEX(self._row_step))) for each_row in rows]
        else:
            # one pointer, and places counted from it: so many pointers would not fit the registers
            bases = [self.at(self.left, b.mul(row, INDEX(self._row_step)))] * tall
        targets = [self._targets(each_row, into) for each_row in rows]
        first = [[self._first(own, column, into, start) for column in columns] for own in targets]
        entry = b.basic_block
        loop, done = b.append_basic_block("product"), b.append_basic_block("done")
        b.cbranch(b.icmp_signed(">", end, begin), loop, done)
        b.position_at_end(loop)
        count = b.phi(INDEX)
        count.add_incoming(begin, entry)
        sums = [[b.phi(self.vector) for _ in columns] for _ in rows]
        place = self.depth_place(count)
        vectors = (across or self._across)(count, columns)
        shift = b.mul(place, INDEX(self.left_stride if self.transposed else self.together))
        moved = []
        for number, (base, own) in enumerate(zip(bases, sums, strict=True)):
            pointer = self.at(base, shift)
            if bases[0] is bases[-1]:
                pointer = self.at(pointer, INDEX(number * self._row_step))
            factor = self._spread(pointer)
            moved.append([self._add(factor, vector, total) for vector, total in zip(vectors, own, strict=True)])
        if each is not None:
            each(count)
        following = b.add(count, INDEX(1))
        count.add_incoming(following, b.basic_block)
        for own, begun, new in zip(sums, first, moved, strict=True):
            for phi, before, after in zip(own, begun, new, strict=True):
                phi.add_incoming(before, entry)
                phi.add_incoming(after, loop)
        b.cbranch(b.icmp_signed("<", following, end), loop, done)
        b.position_at_end(done)
        finished = []
        for begun, new in zip(first, moved, strict=True):
            for before, after in zip(begun, new, strict=True):
                total = b.phi(self.vector)
                total.add_incoming(before, entry)
                total.add_incoming(after, loop)
                finished.append(total)
        ends = [(own, column) for own in targets for column in columns]
        # vectors that overlap are all computed before one is written
        finished = [
            self._finished(total, own, column, into, start) for total, (own, column) in zip(finished, ends, strict=True)
        ]
        for values, (own, column) in zip(finished, ends, strict=True):
            for value, target in zip(values, own, strict=True):
                self.store(value, target, column)

    def depth_place(self, count: Any) -> Any:
        """The place in right, and in left, of what turn ``count`` multiplies."""
        return self.indexed(count) if self.index is not None and not self.transposed else count

    def indexed(self, place: Any) -> Any:
        """The column of left at a place of the index."""
        return self.builder.load(self.at(self.index, place))

    def at(self, pointer: Any, place: Any) -> Any:
        """The pointer moved by so many numbers."""
        return self.builder.gep(pointer, [place])

    def load(self, pointer: Any, column: int, kind: Any = None) -> Any:
        """A vector from memory, of the layer's lanes or another kind."""
        kind = kind or self.narrow
        place = self.builder.bitcast(self.at(pointer, INDEX(column)), kind.as_pointer())
        return self.builder.load(place, align=self.itemsize)

    def store(self, value: Any, pointer: Any, column: int) -> None:
        """A vector to memory."""
        place = self.builder.bitcast(self.at(pointer, INDEX(column)), value.type.as_pointer())
        self.builder.store(value, place, align=self.itemsize)

    def shuffled(self, value: Any, lanes: list[int]) -> Any:
        """A vector of chosen lanes of another."""
        mask = ir.Constant(ir.VectorType(_LANE, len(lanes)), [_LANE(lane) for lane in lanes])
        return self.builder.shuffle_vector(value, ir.Constant(value.type, ir.Undefined), mask)

    def _across(self, count: Any, columns: tuple[int, ...]) -> list[Any]:
        b, group = self.builder, self.together
        if self.transposed:
            base = self.at(self.right, b.mul(count, INDEX(self.right_stride)))
            return [self._interleaved([self.load(base, column)] * group) for column in columns]
        base = self.at(self.right, b.mul(self.depth_place(count), INDEX(self.right_stride * group)))
        found = []
        for column in columns:
            parts = [self.load(base, column + number * self.right_stride) for number in range(group)]
            found.append(self._interleaved(parts))
        return found

    @property
    def _row_step(self) -> int:
        return self.together if self.transposed else self.left_stride

    def _targets(self, row: Any, into: Any) -> list[Any]:
        """Where the rows of the result begin that ``row`` gives: several if it is a group."""
        b = self.builder
        count = self.together if self.transposed else 1
        first = b.add(b.mul(row, INDEX(count * self.result_stride)), into)
        return [self.at(self.result, b.add(first, INDEX(number * self.result_stride))) for number in range(count)]

    def _first(self, targets: list[Any], column: int, into: Any, start: int) -> Any:
        if self.together > 1 or start == STORE:
            return ir.Constant(self.vector, None)
        return self._begin(targets[0], column, into, start)

    def _begin(self, target: Any, column: int, into: Any, start: int) -> Any:
        return self.load(self.at(self.bias, into), column) if start == BIAS else self.load(target, column)

    def _finished(self, total: Any, targets: list[Any], column: int, into: Any, start: int) -> list[Any]:
        """What is stored at each target."""
        group = self.together
        if group == 1:
            return [total]
        parts = [self.shuffled(total, [lane * group + number for lane in range(self.lanes)]) for number in range(group)]
        if not self.transposed:
            whole = parts[0]
            for part in parts[1:]:
                whole = self.builder.fadd(whole, part)
            parts = [whole]
        if start == STORE:
            return parts
        begun = [self._begin(target, column, into, start) for target in targets]
        return [self.builder.fadd(part, before) for part, before in zip(parts, begun, strict=True)]

    def _interleaved(self, parts: list[Any]) -> Any:
        """One vector of the first lanes of all parts, then the second ones, and so on."""
        joined = parts[0]
        if len(parts) == 1:
            return joined
        if all(part is joined for part in parts):
            return self.shuffled(joined, [lane // len(parts) for lane in range(self.lanes * len(parts))])
        half = len(parts) // 2
        left, right = self._interleaved(parts[0::2]), self._interleaved(parts[1::2])
        lanes = [place // 2 + place % 2 * self.lanes * half for place in range(self.lanes * len(parts))]
        mask = ir.Constant(ir.VectorType(_LANE, len(lanes)), [_LANE(lane) for lane in lanes])
        return self.builder.shuffle_vector(left, right, mask)

    def _spread(self, pointer: Any) -> Any:
        """What is together at a place, in all lanes of a vector."""
        b, group = self.builder, self.together
        value = self.load(pointer, 0, ir.VectorType(self.scalar, group))
        if group == 1 or group * self.itemsize != _WORD:
            return self.shuffled(value, list(range(group)) * self.lanes)
        # as one number of eight bytes it takes one instruction
        word = b.bitcast(value, ir.VectorType(ir.DoubleType(), 1))
        return b.bitcast(self.shuffled(word, [0] * self.lanes), self.vector)

    def _add(self, factor: Any, vector: Any, total: Any) -> Any:
        b = self.builder
        return b.fadd(b.fmul(factor, vector, flags=_CONTRACT), total, flags=_CONTRACT)
