"""A matrix with rows for columns, a square of numbers at a time."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.imputils import impl_ret_untracked
from numba.extending import intrinsic
from numba.np import arrayobj

from layerkit_numba.tiles import INDEX, widest_lanes

_LANE = ir.IntType(32)


@intrinsic  # type: ignore[untyped-decorator]
def turn(typing_context: Any, matrix: Any, turned: Any, begin: Any, end: Any) -> Any:
    """turned = matrixᵀ, both contiguous and of two axes: the columns of turned from ``begin`` to ``end``."""

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        source, target = (
            arrayobj.make_array(kind)(context, builder, value)
            for kind, value in zip(signature.args[:2], arguments[:2], strict=True)
        )
        _Turn(builder, source, target, signature.args[0].dtype.bitwidth // 8).emit(*arguments[2:])
        return impl_ret_untracked(context, builder, signature.return_type, context.get_dummy_value())

    return types.void(matrix, turned, types.intp, types.intp), emit


class _Turn:
    def __init__(self, builder: Any, source: Any, target: Any, itemsize: int) -> None:
        self.builder = builder
        self.rows, self.columns = cgutils.unpack_tuple(builder, source.shape, 2)
        self.source, self.target = source.data, target.data
        self.itemsize = itemsize
        self.lanes = widest_lanes(itemsize)
        self.vector = ir.VectorType(ir.FloatType() if itemsize == 4 else ir.DoubleType(), self.lanes)

    def emit(self, begin: Any, end: Any) -> None:
        b, side, zero = self.builder, INDEX(self.lanes), INDEX(0)
        rows = b.sub(end, b.srem(b.sub(end, begin), side))
        columns = b.mul(b.sdiv(self.columns, side), side)
        with cgutils.for_range_slice(b, begin, rows, side, INDEX) as (row, _):
            with cgutils.for_range_slice(b, zero, columns, side, INDEX) as (column, _):
                self._square(row, column)
            self._singly(row, b.add(row, side), columns, self.columns)
        self._singly(rows, end, zero, self.columns)

    def _square(self, row: Any, column: Any) -> None:
        b = self.builder
        vectors = [self._place(self.source, b.add(row, INDEX(k)), self.columns, column) for k in range(self.lanes)]
        vectors = [b.load(pointer, align=self.itemsize) for pointer in vectors]
        distance = 1
        # each bit of the row changes places with the same bit of the lane
        while distance < self.lanes:
            for low in range(self.lanes):
                if not low & distance:
                    high = low + distance
                    pair = vectors[low], vectors[high]
                    vectors[low], vectors[high] = self._exchanged(*pair, distance)
            distance *= 2
        for k, vector in enumerate(vectors):
            pointer = self._place(self.target, b.add(column, INDEX(k)), self.rows, row)
            b.store(vector, pointer, align=self.itemsize)

    def _exchanged(self, low: Any, high: Any, distance: int) -> tuple[Any, Any]:
        places = range(self.lanes)
        first = [lane if not lane & distance else self.lanes + lane - distance for lane in places]
        second = [lane + distance if not lane & distance else self.lanes + lane for lane in places]
        kind = ir.VectorType(_LANE, self.lanes)
        one, other = (ir.Constant(kind, [_LANE(lane) for lane in lanes]) for lanes in (first, second))
        return self.builder.shuffle_vector(low, high, one), self.builder.shuffle_vector(low, high, other)

    def _singly(self, begin: Any, end: Any, first: Any, last: Any) -> None:
        b = self.builder
        rows = cgutils.for_range_slice(b, begin, end, INDEX(1), INDEX)
        with rows as (row, _), cgutils.for_range_slice(b, first, last, INDEX(1), INDEX) as (column, _):
            number = b.load(b.gep(self.source, [b.add(b.mul(row, self.columns), column)]))
            b.store(number, b.gep(self.target, [b.add(b.mul(column, self.rows), row)]))

    def _place(self, data: Any, row: Any, width: Any, column: Any) -> Any:
        b = self.builder
        return b.bitcast(b.gep(data, [b.add(b.mul(row, width), column)]), self.vector.as_pointer())
