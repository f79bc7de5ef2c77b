"""The rectified linear unit."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.types import Array


@final
class ReLU(Activation):
    """max(0, z); the derivative is 1 for z > 0 and 0 otherwise, also at 0 itself.

    Source: Nair and Hinton, *Rectified linear units improve restricted Boltzmann machines*, ICML 2010.
    """

    recordable = True
    elementwise = True
    kinks = (0.0,)
    lowest = 0.0

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.y = np.maximum(x, ctx.scratch.scalar("zero", 0.0), out=ctx.scratch("y", x.shape))
        return ctx.saved.y

    def backward(self, grad: Array, ctx: Context) -> Array:
        zero = ctx.scratch.scalar("zero", 0.0)
        positive = np.greater(ctx.saved.y, zero, out=ctx.scratch("positive", grad.shape, np.dtype(bool)))
        return np.multiply(grad, positive, out=ctx.scratch("slope", grad.shape))

    def derivative(self, z: Array) -> Array:
        return (z > 0).astype(z.dtype)
