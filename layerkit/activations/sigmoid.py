"""The logistic sigmoid."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.types import Array


@final
class Sigmoid(Activation):
    """σ(z) = 1 / (1 + e⁻ᶻ), between 0 and 1; σ′ = σ (1 − σ).

    Cannot overflow. In float32 it is computed as ½ tanh(½ z) + ½, the fastest form, exact to about 1e-7 absolutely; in
    float64 from e^−|z|, which keeps full relative precision also where σ is tiny.

    Source: Rumelhart, Hinton and Williams, *Learning representations by back-propagating errors*, Nature 323, 1986.

    >>> import numpy as np
    >>> from layerkit import Sequential, Sigmoid
    >>> Sequential([Sigmoid()]).initialize(2, dtype="float64").predict(np.array([[0.0, -700.0]]))
    array([[5.00000000e-001, 9.85967654e-305]])
    """

    recordable = True
    elementwise = True
    lowest = 0.0
    highest = 1.0

    def connect(self, ctx: Context) -> None:
        ctx.saved.x = None
        ctx.saved.half, ctx.saved.one = ctx.scratch.scalar("half", 0.5), ctx.scratch.scalar("one", 1.0)

    def forward(self, x: Array, ctx: Context) -> Array:
        saved = ctx.saved
        if x is not saved.x:
            saved.x, saved.y, saved.work = x, ctx.scratch("y", x.shape), ctx.scratch("work", x.shape)
        y, work = saved.y, saved.work
        if y.itemsize == 4:
            # to and fro between two buffers: on a small batch an operation in place takes twice the time
            np.multiply(x, saved.half, work)
            np.tanh(work, y)
            np.multiply(y, saved.half, work)
            return np.add(work, saved.half, y)
        # σ(z) = e^min(z,0) / (1 + e^−|z|): with e = e^−|z|, the numerator is 1 where z ≥ 0 and e elsewhere
        np.exp(np.copysign(x, ctx.scratch.scalar("minus", -1.0), y), work)
        np.maximum(np.heaviside(x, saved.one, y), work, out=y)
        np.add(work, saved.one, work)
        return np.divide(y, work, y)

    def backward(self, grad: Array, ctx: Context) -> Array:
        saved = ctx.saved
        y, work, slope = saved.y, saved.work, ctx.scratch("slope", grad.shape)
        np.subtract(saved.one, y, work)
        np.multiply(work, y, slope)
        return np.multiply(slope, grad, work)

    def derivative(self, z: Array) -> Array:
        decay = np.exp(-np.abs(z))
        slope: Array = decay / (1 + decay) ** 2
        return slope
