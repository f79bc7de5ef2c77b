"""Products whose left matrix has its rows, and its columns, equally far apart: a matrix, its transpose, or a part."""

from __future__ import annotations

import inspect
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.errors import TypingError
from numba.core.imputils import impl_ret_untracked
from numba.extending import intrinsic
from numba.np import arrayobj

from layerkit_numba.gathered import RegisterBlocks


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def strided_product(
    typing_context: Any,
    tall: Any,
    abreast: Any,
    rows: Any,
    depth: Any,
    left: Any,
    left_at: Any,
    row_step: Any,
    depth_step: Any,
    panel: Any,
    panel_at: Any,
    stride: Any,
    result: Any,
    result_at: Any,
    result_step: Any,
    columns: Any,
    begins: Any,
    start: Any,
    start_at: Any,
) -> Any:
    """result[m, j] = start[j] + Σ_d left[m · row_step + d · depth_step] · panel[d, j], for ``rows`` and ``depth``.

    Arrays have one axis, and each is followed by the place at which it is begun with; row m of the result begins at
    ``m · result_step``. All else is as ``layerkit_numba.gathered.gathered_product`` has it, which needs the places of
    rows and columns as arrays.
    """
    if not all(isinstance(value, types.IntegerLiteral) for value in (tall, abreast)):
        raise TypingError("strided_product: rows and vectors of a block must be literal integers")
    height, breadth = tall.literal_value, abreast.literal_value
    whole = types.intp

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        given = dict(zip(_NAMES, arguments, strict=True))
        for name, kind in (("left", left), ("panel", panel), ("result", result), ("start", start)):
            data = arrayobj.make_array(kind)(context, builder, given[name]).data
            given[name] = builder.gep(data, [given[f"{name}_at"]])

        def place(name: str, number: Any) -> Any:
            return builder.mul(number, given[_STEPS[name]])

        RegisterBlocks(builder, height, breadth, left.dtype.bitwidth // 8, given, place).emit()
        return impl_ret_untracked(context, builder, signature.return_type, context.get_dummy_value())

    signature = types.void(
        *(tall, abreast, whole, whole),
        *(left, whole, whole, whole, panel, whole, whole),
        *(result, whole, whole, whole, whole, start, whole),
    )
    return signature, emit


_STEPS = {"row_places": "row_step", "depth_places": "depth_step", "result_places": "result_step"}
_NAMES = tuple(inspect.signature(strided_product._defn).parameters)[1:]
