"""The mean of several inputs."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.layers.several import folded, one_shape
from layerkit.types import Array, Shape


@final
class Average(Layer):
    """y = (x₁ + x₂ + … + xₙ) / n: the mean of several inputs of one shape, ``(batch, …)``. ∂xᵢ = δ / n for each.

    Raises:
        ShapeError: at build, if the inputs have several shapes: nothing is broadcast.

    >>> from layerkit import Dense, Parallel, Sequential
    >>> Sequential([Parallel([Dense(3), Dense(3)], join=Average())]).initialize(5).output_shape
    (3,)
    """

    recordable = True

    def build(self, input_shape: Shape) -> Shape:
        return one_shape(self, input_shape)

    def forward(self, x: tuple[Array, ...], ctx: Context) -> Array:
        ctx.saved.count = len(x)
        y = folded(self, x, ctx, np.add)
        return np.multiply(y, ctx.scratch.scalar("share", 1 / len(x)), out=y)

    def backward(self, grad: Array, ctx: Context) -> tuple[Array, ...]:
        count = ctx.saved.count
        share = ctx.scratch.scalar("share", 1 / count)
        return (np.multiply(grad, share, out=ctx.scratch("gradient", grad.shape)),) * count
