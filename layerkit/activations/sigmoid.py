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

    elementwise = True
    lowest = 0.0
    highest = 1.0

    def forward(self, x: Array, ctx: Context) -> Array:
        scratch = ctx.scratch
        y = scratch("y", x.shape)
        if y.itemsize == 4:
            half = scratch.scalar("half", 0.5)
            np.multiply(x, half, out=y)
            np.tanh(y, out=y)
            np.multiply(y, half, out=y)
            np.add(y, half, out=y)
        else:
            # σ(z) = e^min(z,0) / (1 + e^−|z|): with e = e^−|z|, the numerator is 1 where z ≥ 0 and e elsewhere
            decay = scratch("decay", x.shape)
            np.exp(np.copysign(x, scratch.scalar("minus", -1.0), out=decay), out=decay)
            np.heaviside(x, scratch.scalar("one", 1.0), out=y)
            np.maximum(y, decay, out=y)
            np.add(decay, scratch.scalar("one", 1.0), out=decay)
            np.divide(y, decay, out=y)
        ctx.saved.y = y
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        y = ctx.saved.y
        scratch = ctx.scratch
        slope = np.subtract(scratch.scalar("one", 1.0), y, out=scratch("slope", y.shape))
        np.multiply(slope, y, out=slope)
        return np.multiply(slope, grad, out=slope)

    def derivative(self, z: Array) -> Array:
        decay = np.exp(-np.abs(z))
        slope: Array = decay / (1 + decay) ** 2
        return slope
