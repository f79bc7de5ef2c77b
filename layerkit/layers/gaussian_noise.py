"""Noise that is added."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.types import Array, Shape


@final
class GaussianNoise(Layer):
    """In training, y = x + n, each n being drawn from N(0, deviation²); else y = x.

    Args:
        deviation: the standard deviation of what is added, at least 0: in the units of x.

    Source: Bishop, *Training with noise is equivalent to Tikhonov regularization*, Neural Computation 7, 1995.

    >>> import numpy as np
    >>> from layerkit import GaussianNoise, Sequential
    >>> Sequential([GaussianNoise(0.1)]).initialize(2).predict(np.ones((1, 2)))
    array([[1., 1.]], dtype=float32)
    """

    stochastic = True

    def __init__(self, deviation: float) -> None:
        check_number(self, "deviation", deviation, minimum=0)
        self.deviation = deviation

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        if not ctx.training or self.deviation == 0:
            return x
        y = ctx.rng.standard_normal(dtype=x.dtype.type, out=ctx.scratch("y", x.shape))
        np.multiply(y, ctx.scratch.scalar("deviation", self.deviation), out=y)
        return np.add(y, x, out=y)

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad
