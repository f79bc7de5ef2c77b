"""Layer normalisation."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.initializers.constant import Constant
from layerkit.initializers.zeros import Zeros
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.layers.features import features_of
from layerkit.types import Array, Shape


@final
class LayerNormalization(Layer):
    """y = scale · (x − μ) / √(σ² + ε) + shift, with mean and variance over the last axis: of each step on its own.

    With x̂ the normalised input, n the number of features and δ̂ = δ · scale: ∂scale = Σ δ x̂, ∂shift = Σ δ over all but
    the last axis, and ∂x = (δ̂ − (Σ δ̂ + x̂ Σ δ̂ x̂) / n) / √(σ² + ε), the sums going over the last axis.

    Shapes: x and y ``(batch, …, features)``; ``scale`` and ``shift`` ``(features,)``. No other example or step has an
    influence, so a mask makes no difference.

    Args:
        epsilon: ε, added to the variance, above 0.

    Source: Ba, Kiros and Hinton, *Layer normalization*, 2016.
    """

    recordable = True
    normalizes = True
    scale: Array
    shift: Array

    def __init__(self, *, epsilon: float = 1e-5) -> None:
        check_number(self, "epsilon", epsilon, above=0)
        self.epsilon = epsilon

    def build(self, input_shape: Shape) -> Shape:
        features = (features_of(self, input_shape),)
        self.parameter("scale", features, Constant(1.0), tags=("scale",))
        self.parameter("shift", features, Zeros(), tags=("bias",))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        scale, scratch = self.scale, ctx.scratch
        features = scale.shape[0]
        rows = x.reshape(-1, features)
        mean = np.multiply(
            rows.dot(scratch.ones(features), scratch("sum", rows.shape[:1])),
            scratch.scalar("share", 1 / features),
            out=scratch("mean", rows.shape[:1]),
        )
        normal = np.subtract(rows, mean[:, None], out=scratch("normal", rows.shape))
        square = np.multiply(normal, normal, out=scratch("square", rows.shape))
        deviation = square.dot(scratch.full(features, 1 / features), scratch("deviation", rows.shape[:1]))
        np.add(deviation, scratch.scalar("epsilon", self.epsilon), out=deviation)
        np.sqrt(deviation, out=deviation)
        np.divide(normal, deviation[:, None], out=normal)
        ctx.saved.normal, ctx.saved.deviation = normal, deviation
        y = np.multiply(normal, scale, out=scratch("y", rows.shape))
        return np.add(y, self.shift, out=y).reshape(x.shape)

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        scratch, normal = ctx.scratch, ctx.saved.normal
        count, features = normal.shape
        rows = grad.reshape(-1, features)
        product = np.multiply(rows, normal, out=scratch("product", rows.shape))
        ones = scratch.ones(count)
        ones.dot(product, ctx.gradient("scale"))
        ones.dot(rows, ctx.gradient("shift"))
        if not ctx.needs_input_gradient:
            return None
        below = np.multiply(rows, self.scale, out=scratch("gradient", rows.shape))
        shares = scratch.full(features, 1 / features)
        mean = below.dot(shares, scratch("mean of gradient", rows.shape[:1]))
        along = np.multiply(below, normal, out=product).dot(shares, scratch("along", rows.shape[:1]))
        np.subtract(below, mean[:, None], out=below)
        np.subtract(below, np.multiply(normal, along[:, None], out=product), out=below)
        return np.divide(below, ctx.saved.deviation[:, None], out=below).reshape(grad.shape)
