"""A factor for each feature."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_instance
from layerkit.initializers.constant import Constant
from layerkit.interfaces.context import Context
from layerkit.interfaces.initializer import Initializer
from layerkit.interfaces.layer import Layer
from layerkit.layers.features import features_of
from layerkit.types import Array, Shape


@final
class Scale(Layer):
    """y = s · x, with a learned factor for each feature, which lie on the last axis.

    Shapes: x and y ``(batch, …, features)``; ``factor`` s ``(features,)``. ∂s = Σ δ x over all but the last axis, and
    ∂x = δ s. In front of the join of a ``Residual``, with a small first factor, it is what is called a layer scale.

    Args:
        initializer: draws s; ones by default.

    Source: Touvron et al., *Going deeper with image transformers*, ICCV 2021, section 2.1 (as a layer scale).

    >>> from layerkit import Constant, Dense, Residual, Scale, Sequential
    >>> Sequential([Residual(Sequential([Dense(3), Scale(initializer=Constant(0.1))]))]).initialize(3).output_shape
    (3,)
    """

    recordable = True
    factor: Array

    def __init__(self, *, initializer: Initializer | None = None) -> None:
        check_instance(self, "initializer", initializer, Initializer, optional=True)
        self.initializer = initializer

    def build(self, input_shape: Shape) -> Shape:
        features = features_of(self, input_shape)
        self.parameter("factor", (features,), self.initializer or Constant(1.0), tags=("scale",))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return np.multiply(x, self.factor, out=ctx.scratch("y", x.shape))

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        rows = grad.reshape(-1, grad.shape[-1])
        product = np.multiply(rows, ctx.saved.x.reshape(rows.shape), out=ctx.scratch("product", rows.shape))
        ctx.scratch.ones(rows.shape[0]).dot(product, ctx.gradient("factor"))
        if not ctx.needs_input_gradient:
            return None
        return np.multiply(grad, self.factor, out=ctx.scratch("gradient", grad.shape))
