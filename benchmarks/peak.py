"""How many multiplications and additions a core does in a second, with everything in registers."""

from __future__ import annotations

import time
from typing import Any

from layerkit_numba.tiles import INDEX, registers, widest_lanes
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

_CONTRACT = ("contract",)


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def _multiply_and_add(typing_context: Any, turns: Any, number: Any) -> Any:
    """As many chains of products and sums, in registers, as blocks of products have."""

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        b, vector = builder, ir.VectorType(ir.FloatType(), widest_lanes(4))
        one = b.insert_element(ir.Constant(vector, ir.Undefined), arguments[1], ir.IntType(32)(0))
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), widest_lanes(4)), [0] * widest_lanes(4))
        factor = b.shuffle_vector(one, ir.Constant(vector, ir.Undefined), lanes)
        places = [cgutils.alloca_once_value(b, factor) for _ in range(registers())]
        with cgutils.for_range(b, arguments[0], intp=INDEX):
            for place in places:
                product = b.fmul(b.load(place), factor, flags=_CONTRACT)
                b.store(b.fadd(product, factor, flags=_CONTRACT), place)
        total = b.load(places[0])
        for place in places[1:]:
            total = b.fadd(total, b.load(place))
        return b.extract_element(total, ir.IntType(32)(0))

    return types.float32(types.intp, types.float32), emit


@njit  # type: ignore[untyped-decorator, unused-ignore]
def _run(turns: int, number: float) -> Any:
    return _multiply_and_add(turns, number)


def gigaflops(turns: int = 2_000_000) -> float:
    """In float32, on one core."""
    number = types.float32
    _run(1, 0.5)
    assert number is not None
    started = time.process_time()
    _run(turns, 0.5)
    return 2 * turns * registers() * widest_lanes(4) / (time.process_time() - started) / 1e9
