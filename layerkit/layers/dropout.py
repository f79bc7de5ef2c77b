"""Dropout."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.types import Array, Shape


@final
class Dropout(Layer):
    """In training, y = x · m / (1 − rate), each m being 0 with probability ``rate`` and 1 otherwise; else y = x.

    The factor 1 / (1 − rate) keeps the mean, so nothing changes at inference.

    Args:
        rate: the probability that a value is dropped, 0 ≤ rate < 1.

    Source: Srivastava et al., *Dropout: a simple way to prevent neural networks from overfitting*, JMLR 15, 2014.
    """

    stochastic = True

    def __init__(self, rate: float) -> None:
        check_number(self, "rate", rate, minimum=0, below=1)
        self.rate = rate

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        if not ctx.training or self.rate == 0:
            ctx.saved.factor = None
            return x
        # drawn in the model's dtype: a float32 model draws float32 numbers, in half the time
        draw = ctx.rng.random(dtype=x.dtype.type, out=ctx.scratch("draw", x.shape))
        kept = np.greater_equal(draw, self.rate, out=ctx.scratch("kept", x.shape, np.dtype(bool)))
        factor = np.multiply(kept, ctx.scratch.scalar("scale", 1 / (1 - self.rate)), out=ctx.scratch("factor", x.shape))
        ctx.saved.factor = factor
        return np.multiply(x, factor, out=ctx.scratch("y", x.shape))

    def backward(self, grad: Array, ctx: Context) -> Array:
        if ctx.saved.factor is None:
            return grad
        return np.multiply(grad, ctx.saved.factor, out=ctx.scratch("gradient", grad.shape))
