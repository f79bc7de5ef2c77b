"""The last step of each sequence."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit import Context, Layer
from layerkit.types import Array, Shape
from layerkit_sequence.masks import features_of, time_mask


@final
class Last(Layer):
    """y = xₜ, with t the last step that counts; zeros for a sequence of no such step.

    Shapes: x ``(batch, time, features)``, y ``(batch, features)``. ∂xₜ = δ, and zeros for every other step.
    """

    def build(self, input_shape: Shape) -> Shape:
        return (features_of(self, input_shape),)

    def forward(self, x: Array, ctx: Context) -> Array:
        mask = time_mask(x, ctx)
        ctx.saved.shape, ctx.saved.steps = x.shape, None
        time = x.shape[1]
        y = ctx.scratch("y", (x.shape[0], x.shape[2]))
        if time == 0:
            y[...] = 0.0
        elif mask is None:
            y[...] = x[:, -1]
        else:
            steps = time - 1 - mask[:, ::-1].argmax(axis=1)
            rows = np.flatnonzero(mask.any(axis=1))
            y[...] = 0.0
            y[rows] = x[rows, steps[rows]]
            ctx.saved.steps = rows, steps[rows]
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = ctx.scratch("gradient", ctx.saved.shape)
        below[...] = 0.0
        if ctx.saved.steps is not None:
            rows, steps = ctx.saved.steps
            below[rows, steps] = grad[rows]
        elif below.shape[1]:
            below[:, -1] = grad
        return below
