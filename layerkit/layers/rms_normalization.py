"""Root mean square normalisation."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.initializers.constant import Constant
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.layers.features import features_of
from layerkit.types import Array, Shape


@final
class RMSNormalization(Layer):
    """y = scale · x / √(x² + ε), where x² is the mean of the squares over the last axis: of each step on its own.

    With r the root, x̂ = x / r, n the number of features and δ̂ = δ · scale: ∂scale = Σ δ x̂ over all but the last axis,
    and ∂x = (δ̂ − x̂ Σ δ̂ x̂ / n) / r, the sum going over the last axis. Unlike ``LayerNormalization`` it takes away no
    mean, and has no shift.

    Shapes: x and y ``(batch, …, features)``; ``scale`` ``(features,)``. No other example or step has an influence, so a
    mask makes no difference.

    Args:
        epsilon: ε, added to the mean square, above 0.

    Source: Zhang and Sennrich, *Root mean square layer normalization*, NeurIPS 2019.

    >>> import numpy as np
    >>> from layerkit import RMSNormalization, Sequential
    >>> Sequential([RMSNormalization()]).initialize(2).predict(np.array([[3.0, 4.0]])).round(3)
    array([[0.849, 1.131]], dtype=float32)
    """

    recordable = True
    normalizes = True
    scale: Array

    def __init__(self, *, epsilon: float = 1e-6) -> None:
        check_number(self, "epsilon", epsilon, above=0)
        self.epsilon = epsilon

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("scale", (features_of(self, input_shape),), Constant(1.0), tags=("scale",))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        scale, scratch = self.scale, ctx.scratch
        features = scale.shape[0]
        rows = x.reshape(-1, features)
        square = np.multiply(rows, rows, out=scratch("square", rows.shape))
        root = square.dot(scratch.full(features, 1 / features), scratch("root", rows.shape[:1]))
        np.add(root, scratch.scalar("epsilon", self.epsilon), out=root)
        np.sqrt(root, out=root)
        normal = np.divide(rows, root[:, None], out=scratch("normal", rows.shape))
        ctx.saved.normal, ctx.saved.root = normal, root
        return np.multiply(normal, scale, out=scratch("y", rows.shape)).reshape(x.shape)

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        scratch, normal = ctx.scratch, ctx.saved.normal
        count, features = normal.shape
        rows = grad.reshape(-1, features)
        product = np.multiply(rows, normal, out=scratch("product", rows.shape))
        scratch.ones(count).dot(product, ctx.gradient("scale"))
        if not ctx.needs_input_gradient:
            return None
        below = np.multiply(rows, self.scale, out=scratch("gradient", rows.shape))
        np.multiply(below, normal, out=product)
        along = product.dot(scratch.full(features, 1 / features), scratch("along", rows.shape[:1]))
        np.subtract(below, np.multiply(normal, along[:, None], out=product), out=below)
        return np.divide(below, ctx.saved.root[:, None], out=below).reshape(grad.shape)
