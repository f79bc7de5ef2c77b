"""Softmax."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.types import Array


@final
class Softmax(Activation):
    """yᵢ = e^zᵢ / Σⱼ e^zⱼ over the last axis: positive, summing to 1. ∂zᵢ = yᵢ (δᵢ − Σⱼ δⱼ yⱼ).

    The largest z is taken off first, so nothing overflows. Under a cross-entropy cost leave it out: that cost takes
    logits, and gives the model its softmax as a readout.

    Source: Bridle, *Probabilistic interpretation of feedforward classification network outputs*, 1990.
    """

    recordable = True
    lowest = 0.0
    highest = 1.0

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.y = softmax(x, ctx.scratch("y", x.shape))
        return ctx.saved.y

    def backward(self, grad: Array, ctx: Context) -> Array:
        y = ctx.saved.y
        gradient = np.multiply(grad, y, out=ctx.scratch("gradient", y.shape))
        mean = gradient.sum(axis=-1, keepdims=True)
        np.subtract(grad, mean, out=gradient)
        return np.multiply(gradient, y, out=gradient)


def softmax(z: Array, out: Array) -> Array:
    """Softmax over the last axis, into ``out``."""
    np.subtract(z, z.max(axis=-1, keepdims=True), out=out)
    np.exp(out, out=out)
    return np.divide(out, out.sum(axis=-1, keepdims=True), out=out)
