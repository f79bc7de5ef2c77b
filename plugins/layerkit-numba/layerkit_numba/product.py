"""Matrix products for small layers: blocks of the result held in registers, written as LLVM instructions.

A library call costs more than the arithmetic of a small layer, and a compiler does not keep a block of sums in
registers by itself. So the loop over one block is laid out here, for the exact width of the layer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.core.imputils import impl_ret_untracked
from numba.extending import intrinsic
from numba.np import arrayobj

from layerkit_numba.machine import vector_bytes

_INDEX = ir.IntType(64)
_CONTRACT = ("contract",)

Start = Literal["zero", "add", "bias"]
STORE, ADD, BIAS = 0, 1, 2
"""What a product begins with: zero, what the result holds, or one vector in every row."""


@dataclass(frozen=True)
class Blocks:
    """How the columns of a result of width ``width`` are cut: vectors of ``lanes``, so many abreast."""

    lanes: int
    panels: tuple[tuple[int, ...], ...]


def blocks(width: int, itemsize: int, abreast: int) -> Blocks:
    """Vectors that cover the columns; the last one overlaps its neighbour rather than reach beyond the row.

    >>> blocks(30, 4, 3).panels[-1][-1] + blocks(30, 4, 3).lanes
    30
    """
    widest = vector_bytes() // itemsize
    lanes = min(widest, 1 << (width.bit_length() - 1))
    count = math.ceil(width / lanes)
    starts = [min(place * lanes, width - lanes) for place in range(count)]
    panels = math.ceil(count / abreast)
    # the larger panels come last: vectors that overlap must be of one panel, read before either is written
    edges = [place * count // panels for place in range(panels + 1)]
    return Blocks(lanes, tuple(tuple(starts[a:b]) for a, b in pairwise(edges)))


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def product(
    typing_context: Any,
    tall: Any,
    abreast: Any,
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
    index: Any,
    data: Any,
    lines: Any,
) -> Any:
    """result = left · right, or leftᵀ · right, ``(rows, depth)`` times ``(depth, width)``.

    Literal integers: ``tall`` rows and ``abreast`` vectors a block; ``width``, the columns of right and result;
    ``stride``, the columns of left as it lies in memory; ``transposed``; ``start``; ``indexed``: then ``index`` says
    which columns of left, as it lies in memory, count at all; ``ahead``: how many of ``lines``, places in ``data`` that
    are counted in bytes, to ask for with each of ``depth``, so that they are in the cache when they are read.
    """
    literals = (tall, abreast, width, stride, transposed, start, indexed, ahead)
    if not all(isinstance(value, types.IntegerLiteral) for value in literals):
        raise TypingError("product: shapes must be literal integers")
    numbers = [value.literal_value for value in literals]

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        _Emitter(context, builder, signature.args, arguments, numbers).emit()
        return impl_ret_untracked(context, builder, signature.return_type, context.get_dummy_value())

    signature = types.void(*literals, types.intp, types.intp, left, right, result, bias, index, data, lines)
    return signature, emit


def prefetch(builder: Any, pointer: Any) -> None:
    """Ask for the cache line at ``pointer``: into the second level, for it is read a little later."""
    number = ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [pointer.type, number, number, number])
    function = builder.module.declare_intrinsic("llvm.prefetch", [pointer.type], kind)
    builder.call(function, [pointer, number(0), number(2), number(1)])


class _Emitter:
    """Writes the instructions of one product."""

    def __init__(self, context: Any, builder: Any, kinds: Any, arguments: Any, numbers: list[int]) -> None:
        self.tall, self.abreast, self.width, self.stride = numbers[:4]
        self.transposed, self.start, self.indexed, self.ahead = numbers[4:]
        self.builder = builder
        self.rows, self.depth = arguments[8], arguments[9]
        arrays = [
            arrayobj.make_array(kind)(context, builder, value)
            for kind, value in zip(kinds[10:], arguments[10:], strict=True)
        ]
        self.left, self.right, self.result, self.bias, self.index, self.data, self.lines = (it.data for it in arrays)
        self.last_line = builder.sub(arrays[6].nitems, _INDEX(1))
        dtype = kinds[10].dtype
        self.scalar = context.get_data_type(dtype)
        self.blocks = blocks(self.width, dtype.bitwidth // 8, self.abreast)
        self.vector = ir.VectorType(self.scalar, self.blocks.lanes)

    def emit(self) -> None:
        b = self.builder
        whole = b.mul(b.sdiv(self.rows, _INDEX(self.tall)), _INDEX(self.tall))
        for columns in self.blocks.panels:
            with cgutils.for_range_slice(b, _INDEX(0), whole, _INDEX(self.tall), _INDEX) as (row, _):
                self._block(row, self.tall, columns, asks=columns[0] == 0)
            if self.tall > 1:
                with cgutils.for_range_slice(b, whole, self.rows, _INDEX(1), _INDEX) as (row, _):
                    self._block(row, 1, columns)

    def _block(self, row: Any, tall: int, columns: tuple[int, ...], *, asks: bool = False) -> None:
        b = self.builder
        by_row = self.indexed and self.transposed
        rows = [b.add(row, _INDEX(offset)) for offset in range(tall)]
        places = [self._indexed(each) if by_row else each for each in rows]
        bases = [self._at(self.left, self._left_base(place)) for place in places]
        targets = [self._at(self.result, b.mul(place, _INDEX(self.width))) for place in places]
        first = [self._first(target, columns) for target in targets]
        entry = b.basic_block
        loop, done = b.append_basic_block("product"), b.append_basic_block("done")
        b.cbranch(b.icmp_signed(">", self.depth, _INDEX(0)), loop, done)
        b.position_at_end(loop)
        count = b.phi(_INDEX)
        count.add_incoming(_INDEX(0), entry)
        sums = [[b.phi(self.vector) for _ in columns] for _ in rows]
        place = self._indexed(count) if self.indexed and not self.transposed else count
        across = [self._load(self._at(self.right, b.mul(place, _INDEX(self.width))), column) for column in columns]
        shift = b.mul(place, _INDEX(self.stride)) if self.transposed else place
        moved = []
        for base, own in zip(bases, sums, strict=True):
            factor = self._spread(b.load(self._at(base, shift)))
            moved.append([self._add(factor, vector, total) for vector, total in zip(across, own, strict=True)])
        if asks:
            self._ask(row, count)
        following = b.add(count, _INDEX(1))
        count.add_incoming(following, b.basic_block)
        for own, begun, new in zip(sums, first, moved, strict=True):
            for phi, before, after in zip(own, begun, new, strict=True):
                phi.add_incoming(before, entry)
                phi.add_incoming(after, loop)
        b.cbranch(b.icmp_signed("<", following, self.depth), loop, done)
        b.position_at_end(done)
        totals = []
        for begun, new in zip(first, moved, strict=True):
            for before, after in zip(begun, new, strict=True):
                total = b.phi(self.vector)
                total.add_incoming(before, entry)
                total.add_incoming(after, loop)
                totals.append(total)
        places = [(target, column) for target in targets for column in columns]
        for total, (target, column) in zip(totals, places, strict=True):
            self._store(total, target, column)

    def _ask(self, row: Any, count: Any) -> None:
        b = self.builder
        done = b.add(b.mul(b.sdiv(row, _INDEX(self.tall)), self.depth), count)
        data = b.bitcast(self.data, ir.IntType(8).as_pointer())
        for number in range(self.ahead):
            place = b.add(b.mul(done, _INDEX(self.ahead)), _INDEX(number))
            place = b.select(b.icmp_signed("<", place, self.last_line), place, self.last_line)
            prefetch(b, b.gep(data, [b.load(self._at(self.lines, place))]))

    def _left_base(self, place: Any) -> Any:
        return place if self.transposed else self.builder.mul(place, _INDEX(self.stride))

    def _first(self, target: Any, columns: tuple[int, ...]) -> list[Any]:
        if self.start == ADD:
            return [self._load(target, column) for column in columns]
        if self.start == BIAS:
            return [self._load(self.bias, column) for column in columns]
        return [ir.Constant(self.vector, None) for _ in columns]

    def _indexed(self, place: Any) -> Any:
        return self.builder.load(self._at(self.index, place))

    def _at(self, pointer: Any, place: Any) -> Any:
        return self.builder.gep(pointer, [place])

    def _load(self, pointer: Any, column: int) -> Any:
        place = self.builder.bitcast(self._at(pointer, _INDEX(column)), self.vector.as_pointer())
        return self.builder.load(place, align=self._alignment)

    def _store(self, value: Any, pointer: Any, column: int) -> None:
        place = self.builder.bitcast(self._at(pointer, _INDEX(column)), self.vector.as_pointer())
        self.builder.store(value, place, align=self._alignment)

    @property
    def _alignment(self) -> int:
        return 4 if isinstance(self.scalar, ir.FloatType) else 8

    def _spread(self, value: Any) -> Any:
        b = self.builder
        one = b.insert_element(ir.Constant(self.vector, ir.Undefined), value, ir.IntType(32)(0))
        mask = ir.Constant(ir.VectorType(ir.IntType(32), self.blocks.lanes), None)
        return b.shuffle_vector(one, ir.Constant(self.vector, ir.Undefined), mask)

    def _add(self, factor: Any, vector: Any, total: Any) -> Any:
        b = self.builder
        return b.fadd(b.fmul(factor, vector, flags=_CONTRACT), total, flags=_CONTRACT)
