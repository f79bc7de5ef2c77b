"""Whether a vector holds a number that is not finite, at the speed of memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from layerkit_numba.compilation import compiled
from layerkit_numba.mathematics import like, natural
from layerkit_numba.walking import GO_ON, STOP


@compiled
def has_no_end(vector: Any, begin: int, end: int) -> bool:
    """Whether some number from ``begin`` to ``end`` is NaN or infinite: then its exponent's bits are all ones."""
    largest = _size(like(0, vector[0]))
    for place in range(natural(begin), natural(end)):
        largest = _larger(largest, _size(vector[place]))
    return largest >= _size(like(np.inf, vector[0]))


@compiled
def look_for_no_end(vector: Any, found: Any, begin: int, end: int) -> None:
    """Note such a number."""
    if has_no_end(vector, begin, end):
        found[0] = True


@compiled
def stop_if_found(found: Any) -> int:
    """Whether the run goes on; what was found is forgotten."""
    code = STOP if found[0] else GO_ON
    found[0] = False
    return code


@intrinsic  # type: ignore[untyped-decorator]
def _size(typing_context: Any, number: Any) -> Any:
    """A number's bits without its sign, as an integer: larger for larger numbers, largest for NaN."""

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        width = signature.return_type.bitwidth
        kind = ir.IntType(width)
        return builder.and_(builder.bitcast(arguments[0], kind), kind(2 ** (width - 1) - 1))

    return (types.int32 if number == types.float32 else types.int64)(number), emit


@intrinsic  # type: ignore[untyped-decorator]
def _larger(typing_context: Any, one: Any, other: Any) -> Any:
    """The larger of two integers of one type."""

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        one, other = arguments
        return builder.select(builder.icmp_signed(">", one, other), one, other)

    return one(one, other), emit
