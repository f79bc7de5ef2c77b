"""The mean over the steps of each sequence."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit import Context, Layer
from layerkit.types import Array, Shape
from layerkit_sequence.masks import features_of, time_mask


@final
class MeanOverTime(Layer):
    """y = 1/n Σₜ xₜ over the n steps that count; zeros for a sequence of no such step.

    Shapes: x ``(batch, time, features)``, y ``(batch, features)``. ∂xₜ = δ / n for a step that counts, else zeros.
    """

    def build(self, input_shape: Shape) -> Shape:
        return (features_of(self, input_shape),)

    def forward(self, x: Array, ctx: Context) -> Array:
        mask = time_mask(x, ctx)
        batch, time, features = x.shape
        # each step's share of the mean
        shares = ctx.saved.shares = ctx.scratch("shares", (batch, time))
        if mask is None:
            shares[...] = 1 / max(time, 1)
        else:
            np.divide(mask, np.maximum(mask.sum(axis=1, keepdims=True), 1), out=shares, casting="same_kind")
        y = ctx.scratch("y", (batch, 1, features))
        return np.matmul(shares[:, None, :], x, out=y)[:, 0]

    def backward(self, grad: Array, ctx: Context) -> Array:
        shares = ctx.saved.shares
        below = ctx.scratch("gradient", (*shares.shape, grad.shape[-1]))
        return np.multiply(grad[:, None, :], shares[:, :, None], out=below)
