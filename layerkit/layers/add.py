"""The sum of several inputs."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.layers.several import folded, one_shape
from layerkit.types import Array, Shape


@final
class Add(Layer):
    """y = x₁ + x₂ + … + xₙ: several inputs of one shape, ``(batch, …)``, added up. ∂xᵢ = δ for each.

    Raises:
        ShapeError: at build, if the inputs have several shapes: nothing is broadcast.

    >>> from layerkit import Dense, Parallel, Sequential
    >>> Sequential([Parallel([Dense(3), Dense(3)], join=Add())]).initialize(5).output_shape
    (3,)
    """

    recordable = True

    def build(self, input_shape: Shape) -> Shape:
        return one_shape(self, input_shape)

    def forward(self, x: tuple[Array, ...], ctx: Context) -> Array:
        ctx.saved.count = len(x)
        return folded(self, x, ctx, np.add)

    def backward(self, grad: Array, ctx: Context) -> tuple[Array, ...]:
        return (grad,) * ctx.saved.count
