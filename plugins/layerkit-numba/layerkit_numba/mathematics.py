"""Exponential and hyperbolic tangent in a form that compiles to vector instructions, and helpers for both dtypes.

The mathematics library computes one number a call. In float32 these are short polynomials, good to about two units in
the last place; in float64 they are the library's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

from layerkit_numba.compilation import OPTIONS, compiled

# float32(x · log₂e + 1.5 · 2²³) holds the nearest integer of x · log₂e in its last bits
_MAGIC = np.float32(12582912.0)
_MAGIC_BITS = np.int32(_MAGIC.view(np.int32))
_LOG2E = np.float32(1 / math.log(2))
# ln 2 in two parts, the first short enough that its product with a small integer is exact
_LN2_HIGH = np.float32(0.693359375)
_LN2_LOW = np.float32(math.log(2) - 0.693359375)
_TAYLOR = tuple(np.float32(1 / math.factorial(power)) for power in range(8))
_C2, _C3, _C4, _C5, _C6, _C7 = _TAYLOR[2:]
_ONE, _TWO = np.float32(1), np.float32(2)
_LOWEST, _HIGHEST = np.float32(-110), np.float32(100)
# from here on tanh is 1 in float32
_FAR = np.float32(10)
_SIGN = np.int32(-(2**31))


@intrinsic  # type: ignore[untyped-decorator]
def _bits(typing_context: Any, value: Any) -> Any:
    def emit(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(32))

    return types.int32(types.float32), emit


@intrinsic  # type: ignore[untyped-decorator]
def _number(typing_context: Any, value: Any) -> Any:
    def emit(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.int32), emit


@compiled
def _exp32(x: Any) -> Any:
    # both comparisons are false for NaN, which so stays NaN
    x = _LOWEST if x < _LOWEST else x
    x = _HIGHEST if x > _HIGHEST else x
    shifted = x * _LOG2E + _MAGIC
    power = _bits(shifted) - _MAGIC_BITS
    whole = shifted - _MAGIC
    rest = x - whole * _LN2_HIGH
    rest = rest - whole * _LN2_LOW
    tail = _C2 + rest * (_C3 + rest * (_C4 + rest * (_C5 + rest * (_C6 + rest * _C7))))
    grown = _ONE + (rest + rest * rest * tail)
    # 2ⁿ in two factors: results below the normal numbers are rounded once, results above become infinite
    half = power >> np.int32(1)
    first = _number((half + np.int32(127)) << np.int32(23))
    second = _number((power - half + np.int32(127)) << np.int32(23))
    return grown * first * second


@compiled
def _tanh32(x: Any) -> Any:
    # (1 − e⁻²ˣ) / (1 + e⁻²ˣ), the numerator by itself: so small x keep their relative precision, with one division
    size = np.float32(abs(x))
    decay = -_TWO * (_FAR if size > _FAR else size)
    shifted = decay * _LOG2E + _MAGIC
    power = _bits(shifted) - _MAGIC_BITS
    whole = shifted - _MAGIC
    rest = decay - whole * _LN2_HIGH
    rest = rest - whole * _LN2_LOW
    tail = _C2 + rest * (_C3 + rest * (_C4 + rest * (_C5 + rest * (_C6 + rest * _C7))))
    scale = _number((power + np.int32(127)) << np.int32(23))
    lost = (_ONE - scale) - scale * (rest + rest * rest * tail)
    return _number(_bits(lost / (_TWO - lost)) | (_bits(x) & _SIGN))


def exp(x: Any) -> Any:
    """eˣ for one number, float32 or float64; in compiled functions alone."""
    raise NotImplementedError


def tanh(x: Any) -> Any:
    """tanh x for one number, float32 or float64; in compiled functions alone."""
    raise NotImplementedError


@intrinsic  # type: ignore[untyped-decorator]
def like(typing_context: Any, value: Any, x: Any) -> Any:
    """``value`` in the dtype of the number ``x``; in compiled functions alone."""
    wanted = types.float32 if x == types.float32 else types.float64

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        return context.cast(builder, arguments[0], signature.args[0], wanted)

    return wanted(value, x), emit


@intrinsic  # type: ignore[untyped-decorator]
def natural(typing_context: Any, value: Any) -> Any:
    """An integer that is not negative, as the compiler then knows; in compiled functions alone.

    An index may be negative, and what looks for that cannot be made of vectors: so
    ``for place in range(natural(begin), natural(end))``.
    """

    def emit(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        return arguments[0]

    return types.uint64(types.int64), emit


@overload(exp, jit_options=OPTIONS)  # type: ignore[untyped-decorator]
def _exp(x: Any) -> Callable[..., Any]:
    def single(x: Any) -> Any:
        return _exp32(x)

    def double(x: Any) -> Any:
        return math.exp(x)

    return single if x == types.float32 else double


@overload(tanh, jit_options=OPTIONS)  # type: ignore[untyped-decorator]
def _tanh(x: Any) -> Callable[..., Any]:
    def single(x: Any) -> Any:
        return _tanh32(x)

    def double(x: Any) -> Any:
        return math.tanh(x)

    return single if x == types.float32 else double
