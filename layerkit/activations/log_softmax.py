"""The logarithm of softmax."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.types import Array


@final
class LogSoftmax(Activation):
    """yᵢ = zᵢ − log Σⱼ e^zⱼ over the last axis: logarithms of probabilities. ∂zᵢ = δᵢ − e^yᵢ Σⱼ δⱼ.

    The largest z is taken off first, so nothing overflows. Under ``CrossEntropy`` leave it out: that cost takes logits.

    Source: Bridle, *Probabilistic interpretation of feedforward classification network outputs*, 1990.

    >>> import numpy as np
    >>> from layerkit import LogSoftmax, Sequential
    >>> y = Sequential([LogSoftmax()]).initialize(2, dtype="float64").predict(np.log([[1.0, 3.0]]))
    >>> np.exp(y).round(6)
    array([[0.25, 0.75]])
    """

    recordable = True
    highest = 0.0

    def forward(self, x: Array, ctx: Context) -> Array:
        y, work = ctx.scratch("y", x.shape), ctx.scratch("work", x.shape)
        np.subtract(x, x.max(axis=-1, keepdims=True), out=y)
        total = np.exp(y, out=work).sum(axis=-1, keepdims=True)
        ctx.saved.y = np.subtract(y, np.log(total), out=y)
        return ctx.saved.y

    def backward(self, grad: Array, ctx: Context) -> Array:
        gradient = np.exp(ctx.saved.y, out=ctx.scratch("work", grad.shape))
        np.multiply(gradient, grad.sum(axis=-1, keepdims=True), out=gradient)
        return np.subtract(grad, gradient, out=gradient)
