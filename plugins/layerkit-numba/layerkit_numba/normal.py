"""The distribution function of the normal distribution, in a form that compiles to vector instructions in float32."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from layerkit.constants import NORMAL_COEFFICIENTS, NORMAL_FURTHEST
from layerkit_numba.compilation import OPTIONS, compiled
from layerkit_numba.mathematics import exp, like

_SCALE = np.float32(NORMAL_COEFFICIENTS[4][0])
_C9, _C8, _C7, _C6, _C5, _C4, _C3, _C2, _C1, _C0 = map(np.float32, NORMAL_COEFFICIENTS[4][1])
_ONE = np.float32(1)
_ROOT = math.sqrt(0.5)


@compiled
def gaussian(z: Any) -> Any:
    """e^(−z²/2) for one number, float32 or float64; in compiled functions alone."""
    furthest = like(NORMAL_FURTHEST, z)
    size = abs(z)
    size = furthest if size > furthest else size
    # |z| in sixteenths, whose square is exact, and the rest of z²: (|z| − h) (|z| + h)
    coarse = np.rint(size * like(16, z)) * like(1 / 16, z)
    rest = (size - coarse) * (size + coarse)
    return exp(coarse * coarse * like(-0.5, z)) * exp(rest * like(-0.5, z))


@compiled
def _normal32(z: Any) -> Any:
    # the core's form and polynomial (layerkit.activations.normal_distribution, with its source)
    furthest = np.float32(NORMAL_FURTHEST)
    size = np.float32(abs(z))
    size = furthest if size > furthest else size
    share = _SCALE / (size + _SCALE)
    place = share + share - _ONE
    upper = _C4 + place * (_C5 + place * (_C6 + place * (_C7 + place * (_C8 + place * _C9))))
    tail = (_C0 + place * (_C1 + place * (_C2 + place * (_C3 + place * upper)))) * (gaussian(z) * share)
    return _ONE - tail if z > np.float32(0) else tail


def normal_distribution(z: Any) -> Any:
    """Φ(z) for one number, float32 or float64; in compiled functions alone."""
    raise NotImplementedError


@overload(normal_distribution, jit_options=OPTIONS)  # type: ignore[untyped-decorator]
def _normal_distribution(z: Any) -> Callable[..., Any]:
    def single(z: Any) -> Any:
        return _normal32(z)

    def double(z: Any) -> Any:
        return 0.5 * math.erfc(-z * _ROOT)

    return single if z == types.float32 else double
