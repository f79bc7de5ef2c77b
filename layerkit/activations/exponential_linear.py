"""What ELU and SELU share: a straight line above 0, and below it an exponential that levels off."""

from __future__ import annotations

import numpy as np

from layerkit.activations.exponentials import exponential_minus_one
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


def exponential_linear(z: Array, scratch: Scratch, *, alpha: float, scale: float) -> Array:
    """scale · (max(z, 0) + alpha · (e^min(z, 0) − 1)), as ``scratch("y", z.shape)``; ``"below"`` holds min(z, 0)."""
    zero = scratch.scalar("zero", 0.0)
    below = np.minimum(z, zero, out=scratch("below", z.shape))
    part = exponential_minus_one(below, scratch, "part")
    if alpha != 1:
        np.multiply(part, scratch.scalar("alpha", alpha), out=part)
    y = np.maximum(z, zero, out=scratch("y", z.shape))
    np.add(y, part, out=y)
    return y if scale == 1 else np.multiply(y, scratch.scalar("scale", scale), out=y)


def exponential_linear_slopes(z: Array, scratch: Scratch, *, alpha: float, scale: float) -> Array:
    """scale for z > 0, else scale · alpha · e^z, as ``scratch("slope", z.shape)``."""
    slope = np.exp(scratch("below", z.shape), out=scratch("slope", z.shape))
    if alpha * scale == scale == 1:
        return slope
    zero, part = scratch.scalar("zero", 0.0), scratch("part", z.shape)
    np.multiply(slope, scratch.scalar("left", alpha * scale), out=slope)
    np.multiply(slope, np.less_equal(z, zero, out=part), out=slope)
    np.greater(z, zero, out=part)
    if scale != 1:
        np.multiply(part, scratch.scalar("scale", scale), out=part)
    return np.add(slope, part, out=slope)
