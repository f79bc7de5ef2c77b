"""Whether a function of float64 arrays computes in float32 on the way, and whether one in float32 leaves its range."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from layerkit.testing.subject import generator
from layerkit.types import Array

_WIDE = 2e-5
_NARROW = 1e-10
_EPS = float(np.finfo(np.float64).eps)
_DIGITS = 100.0
_GROSS = 0.25
_HELD = 1e30
"""Beyond this, what leads to a result need not be held by float32."""
_LOST = 1e-5


def computes_narrowly(function: Callable[[Array], Array], point: Array) -> bool:
    """Whether what ``function`` gives stands still, or jumps, where ``point`` moves by less than float32 can tell.

    Each number of ``point`` moves by a ten-thousand-millionth of itself, up or down. In float64 the outputs follow, as
    the slopes over a larger distance promise. In float32 nearly all stay where they are. Outputs whose slope is lost in
    rounding, or is 0, say nothing; if those are most, nothing is found.
    """
    signs = generator(130).choice([-1.0, 1.0], point.shape)

    def moved(by: float) -> tuple[Array, Array]:
        up, down = (np.asarray(function(point * (1 + side * by * signs))) for side in (1, -1))
        return up, (up - down) / (2 * by)

    values, slopes = moved(_WIDE)
    _, near = moved(_NARROW)
    with np.errstate(all="ignore"):
        tells = np.abs(slopes) > np.maximum(
            1e-3 * np.abs(slopes).max(initial=0.0), 100 * _EPS / _NARROW * np.abs(values)
        )
        off = np.abs(near - slopes) > 0.5 * np.abs(slopes)
    return bool(4 * tells.sum() >= max(tells.size, 1) and 2 * (off & tells).sum() > tells.sum())


def out_of_range(found: Array, wanted: Array, moved: Array, *, size: float) -> str | None:
    """How float32 gives something else than float64, told to a person; None where it does not, or cannot do better.

    ``moved`` is what float64 gives for inputs that differ in float32's last digit: what becomes of that is no fault,
    nor are a few digits lost of numbers of ``size`` that cancel out on the way, as in 1 − y² where y is almost 1.
    Numbers near the ends of float32 are not compared.
    """
    with np.errstate(all="ignore"):
        compared = np.abs(wanted) < _HELD
        if not compared.any():
            return None
        own = np.abs(moved - wanted)[compared].max()
        limit = max(_DIGITS * float(own), _GROSS * float(np.abs(wanted[compared]).max()), _LOST * size)
        wrong = compared & ~(np.abs(found.astype(np.float64) - wanted) <= limit)
    if not wrong.any() or not np.isfinite(limit):
        return None
    place = tuple(int(axis) for axis in np.argwhere(wrong)[0])
    return f"{found[place]:.6g} instead of {wanted[place]:.6g} at {place}, where it is"
