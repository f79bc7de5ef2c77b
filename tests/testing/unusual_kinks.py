"""Sound activations of unusual kinks: many, or such as arguments set, or parameters move."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Constant, Context, Layer
from layerkit.arguments import check_number
from layerkit.types import Array, Shape
from tests.testing.unusual_activations import Elementwise


class HardSigmoid(Elementwise):
    """min(1, max(0, z / 6 + ½))."""

    kinks = (-3.0, 3.0)
    lowest = 0.0
    highest = 1.0

    def value(self, z: Array) -> Array:
        return np.clip(z / 6 + 0.5, 0, 1)

    def derivative(self, z: Array) -> Array:
        return ((np.abs(z) < 3) / 6).astype(z.dtype)


class HardSwish(Elementwise):
    """z · min(1, max(0, z / 6 + ½))."""

    kinks = (-3.0, 3.0)
    lowest = -0.375
    monotonic = False

    def value(self, z: Array) -> Array:
        return z * np.clip(z / 6 + 0.5, 0, 1)

    def derivative(self, z: Array) -> Array:
        return np.where(z <= -3, 0, np.where(z >= 3, 1, z / 3 + 0.5)).astype(z.dtype)


class Smoothstep(Elementwise):
    """3 t² − 2 t³ of t = z + ½, between 0 and 1: the second derivative alone jumps, at ±½."""

    lowest = 0.0
    highest = 1.0

    def value(self, z: Array) -> Array:
        t = np.clip(z + 0.5, 0, 1)
        return t * t * (3 - 2 * t)

    def derivative(self, z: Array) -> Array:
        t = np.clip(z + 0.5, 0, 1)
        return 6 * t * (1 - t)


class Staircase(Elementwise):
    """Five ramps: ten kinks."""

    kinks = (-4.25, -3.75, -2.25, -1.75, -0.25, 0.25, 1.75, 2.25, 3.75, 4.25)
    lowest = 0.0
    highest = 5.0

    def value(self, z: Array) -> Array:
        total = np.zeros_like(z)
        for middle in (-4, -2, 0, 2, 4):
            total += np.clip(z - middle + 0.25, 0, 0.5) * 2
        return total

    def derivative(self, z: Array) -> Array:
        ramps = [np.abs(z - middle) < 0.25 for middle in (-4, -2, 0, 2, 4)]
        return (2 * np.sum(ramps, axis=0)).astype(z.dtype)


class SoftShrink(Elementwise):
    """z, nearer to 0 by a threshold: kinks where the argument says."""

    def __init__(self, threshold: float = 0.5) -> None:
        check_number(self, "threshold", threshold, above=0)
        self.threshold = threshold

    @property
    def kinks(self) -> tuple[float, ...]:  # type: ignore[override]
        return (-self.threshold, self.threshold)

    def value(self, z: Array) -> Array:
        return z - np.clip(z, -self.threshold, self.threshold)

    def derivative(self, z: Array) -> Array:
        return (np.abs(z) > self.threshold).astype(z.dtype)


class HardShrink(Elementwise):
    """z beyond ±½, 0 between: jumps, which are no derivative either."""

    kinks = (-0.5, 0.5)

    def value(self, z: Array) -> Array:
        return np.where(np.abs(z) > 0.5, z, 0).astype(z.dtype)

    def derivative(self, z: Array) -> Array:
        return (np.abs(z) > 0.5).astype(z.dtype)


class LearnedSlope(Elementwise):
    """z above 0, a learned slope times z below."""

    kinks = (0.0,)
    slope: Array

    def declare(self, input_shape: Shape) -> None:
        self.parameter("slope", (1,), Constant(0.01))

    def value(self, z: Array) -> Array:
        return np.where(z > 0, z, self.slope * z)

    def derivative(self, z: Array) -> Array:
        return np.where(z > 0, 1, self.slope).astype(z.dtype)

    def backward(self, grad: Array, ctx: Context) -> Array:
        x = ctx.saved.x
        ctx.gradient("slope")[...] = (grad * np.minimum(x, 0)).sum()
        return super().backward(grad, ctx)


class LearnedThreshold(Elementwise):
    """max(z, a learned number): a kink that moves."""

    threshold: Array

    def declare(self, input_shape: Shape) -> None:
        self.parameter("threshold", (1,), Constant(0.2))

    def value(self, z: Array) -> Array:
        return np.maximum(z, self.threshold)

    def derivative(self, z: Array) -> Array:
        return (z > self.threshold).astype(z.dtype)

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("threshold")[...] = (grad * (ctx.saved.x <= self.threshold)).sum()
        return super().backward(grad, ctx)


KINKS: dict[type[Layer], dict[str, Any]] = {
    HardSigmoid: {},
    HardSwish: {},
    Smoothstep: {},
    Staircase: {},
    SoftShrink: {},
    HardShrink: {},
    LearnedSlope: {},
    LearnedThreshold: {},
}
