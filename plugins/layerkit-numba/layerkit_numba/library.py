"""The products of the largest layers: calls of BLAS, each for some columns of the result.

BLAS may add up in another order when its threads are more, so it gets one, and the columns of a call follow from the
width alone: whichever thread makes the call, and however many there are, the bits are the same.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np import linalg

from layerkit_numba.product import product_of
from layerkit_numba.tiles import ADD, INDEX

COLUMNS = 256
"""Of a call: enough for BLAS's own blocks, and few enough that threads have equal shares."""

_CHAR, _INT = ir.IntType(8), ir.IntType(32)
_POINTER = _CHAR.as_pointer()
_FACTOR, _MATRIX = [_POINTER], [_POINTER, INDEX]
_GEMM = ir.FunctionType(_INT, [*[_CHAR] * 3, *[INDEX] * 3, *_FACTOR, *_MATRIX, *_MATRIX, *_FACTOR, *_MATRIX])


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def library_product(
    typing_context: Any,
    turned_left: Any,
    turned_right: Any,
    start: Any,
    begin: Any,
    end: Any,
    left: Any,
    right: Any,
    result: Any,
) -> Any:
    """The columns from ``begin`` to ``end`` of result = left · right, either of them with rows for columns.

    Literal integers: ``turned_left`` and ``turned_right``, 1 where a matrix lies in memory with rows for columns;
    ``start``, ``STORE`` or ``ADD``. ``begin`` is a multiple of ``COLUMNS``.
    """
    linalg.ensure_blas()
    kinds = (left, right, result)
    literals = (turned_left, turned_right, start)
    return product_of("library_product", literals, 2, kinds, _emit)


def _emit(b: Any, numbers: list[int], sizes: list[Any], arrays: list[Any], itemsize: int) -> None:
    turned_left, turned_right, start = numbers
    begin, end = sizes
    left, right, result = arrays
    number = ir.FloatType() if itemsize == 4 else ir.DoubleType()
    factors = [cgutils.alloca_once_value(b, ir.Constant(number, value)) for value in (1.0, float(start == ADD))]
    alpha, beta = (b.bitcast(place, _POINTER) for place in factors)
    kind = _character("s" if itemsize == 4 else "d")
    gemm = cgutils.get_or_insert_function(b.module, _GEMM, "numba_xxgemm")
    (left_rows, left_stride), (_, right_stride), (rows, result_stride) = (
        cgutils.unpack_tuple(b, array.shape, 2) for array in arrays
    )
    depth = left_rows if turned_left else left_stride
    with cgutils.for_range_slice(b, begin, end, INDEX(COLUMNS), INDEX) as (into, _):
        rest = b.sub(end, into)
        columns = b.select(b.icmp_signed("<", rest, INDEX(COLUMNS)), rest, INDEX(COLUMNS))
        own_right = b.gep(right.data, [b.mul(into, right_stride) if turned_right else into])
        places = [b.bitcast(place, _POINTER) for place in (left.data, own_right, b.gep(result.data, [into]))]
        # rows first is columns first of what is turned: so the right one comes first
        forms = _form(turned_right), _form(turned_left)
        operands = alpha, places[1], right_stride, places[0], left_stride, beta, places[2], result_stride
        code = b.call(gemm, [kind, *forms, columns, rows, depth, *operands])
        with b.if_then(b.icmp_signed("!=", code, _INT(0)), likely=False):
            # there is no BLAS, though there was one when this was compiled
            b.call(b.module.declare_intrinsic("llvm.trap", (), ir.FunctionType(ir.VoidType(), [])), [])


def _form(turned: int) -> Any:
    return _character("t" if turned else "n")


def _character(letter: str) -> Any:
    return _CHAR(ord(letter))
