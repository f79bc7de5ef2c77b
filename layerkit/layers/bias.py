"""A term for each feature."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_instance
from layerkit.initializers.zeros import Zeros
from layerkit.interfaces.context import Context
from layerkit.interfaces.initializer import Initializer
from layerkit.interfaces.layer import Layer
from layerkit.layers.features import features_of
from layerkit.types import Array, Shape


@final
class Bias(Layer):
    """y = x + b, with a learned term for each feature, which lie on the last axis.

    Shapes: x and y ``(batch, …, features)``; ``bias`` b ``(features,)``. ∂b = Σ δ over all but the last axis, ∂x = δ.

    Args:
        initializer: draws b; zeros by default.

    >>> from layerkit import Bias, Dense, Sequential
    >>> list(Sequential([Dense(3, use_bias=False), Bias()]).initialize(2).parameters)
    ['0.weight', '1.bias']
    """

    recordable = True
    bias: Array

    def __init__(self, *, initializer: Initializer | None = None) -> None:
        check_instance(self, "initializer", initializer, Initializer, optional=True)
        self.initializer = initializer

    def build(self, input_shape: Shape) -> Shape:
        features = features_of(self, input_shape)
        self.parameter("bias", (features,), self.initializer or Zeros(), tags=("bias",))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        return np.add(x, self.bias, out=ctx.scratch("y", x.shape))

    def backward(self, grad: Array, ctx: Context) -> Array:
        rows = grad.reshape(-1, grad.shape[-1])
        ctx.scratch.ones(rows.shape[0]).dot(rows, ctx.gradient("bias"))
        return grad
