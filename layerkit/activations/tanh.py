"""The hyperbolic tangent."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.types import Array


@final
class Tanh(Activation):
    """tanh(z) = (eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ), between −1 and 1; tanh′ = 1 − tanh²."""

    recordable = True
    elementwise = True
    lowest = -1.0
    highest = 1.0

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.y = np.tanh(x, out=ctx.scratch("y", x.shape))
        return ctx.saved.y

    def backward(self, grad: Array, ctx: Context) -> Array:
        y = ctx.saved.y
        square = np.multiply(y, y, ctx.scratch("square", y.shape))
        slope = np.subtract(ctx.scratch.scalar("one", 1.0), square, ctx.scratch("slope", y.shape))
        return np.multiply(slope, grad, square)

    def derivative(self, z: Array) -> Array:
        # 1 / cosh², from e^−2|z|, keeps its relative precision where 1 − tanh² cancels
        decay = np.exp(-2 * np.abs(z))
        slope: Array = 4 * decay / (1 + decay) ** 2
        return slope
