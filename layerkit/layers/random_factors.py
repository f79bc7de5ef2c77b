"""What layers share that multiply their input by random factors while they train."""

from __future__ import annotations

from abc import abstractmethod
from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.types import Array, Shape


class RandomFactors(Layer):
    """In training, y = x · m, with random factors m; else y = x. ∂x = δ m.

    Args:
        rate: how much is dropped, 0 ≤ rate < 1; at 0 nothing is drawn.
    """

    stochastic = True

    def __init__(self, rate: float) -> None:
        check_number(self, "rate", rate, minimum=0, below=1)
        self.rate = rate

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    @abstractmethod
    def draw(self, x: Array, ctx: Context) -> Array:
        """New factors for ``x``, of its shape or one that is broadcast to it."""

    def finish(self, y: Array, factor: Array, ctx: Context) -> Array:
        """What the layer makes of y = x · m."""
        return y

    @final
    def forward(self, x: Array, ctx: Context) -> Array:
        if not ctx.training or self.rate == 0:
            ctx.saved.factor = None
            return x
        factor = ctx.saved.factor = self.draw(x, ctx)
        return self.finish(np.multiply(x, factor, out=ctx.scratch("y", x.shape)), factor, ctx)

    @final
    def backward(self, grad: Array, ctx: Context) -> Array:
        if ctx.saved.factor is None:
            return grad
        return np.multiply(grad, ctx.saved.factor, out=ctx.scratch("gradient", grad.shape))


def kept_or_not(rate: float, value: float, shape: tuple[int, ...], ctx: Context) -> Array:
    """Factors that are 0 with probability ``rate``, and else ``value``."""
    # drawn in the model's dtype: a float32 model draws float32 numbers, in half the time
    draw = ctx.rng.random(dtype=ctx.scratch.dtype.type, out=ctx.scratch("draw", shape))
    kept = np.greater_equal(draw, rate, out=ctx.scratch("kept", shape, np.dtype(bool)))
    return np.multiply(kept, ctx.scratch.scalar("scale", value), out=ctx.scratch("factor", shape))
