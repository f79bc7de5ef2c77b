"""Batch normalisation."""

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
class BatchNormalization(Layer):
    """y = scale · (x − μ) / √(σ² + ε) + shift, for each feature, which lie on the last axis.

    In training μ and σ² are the mean and the variance over all other axes of the batch, and the running ones move:
    mean ← momentum · mean + (1 − momentum) · μ, and likewise the variance, with the unbiased n/(n−1) · σ². At inference
    μ and σ² are the running ones.

    With x̂ the normalised input and N the number of values a feature has: ∂scale = Σ δ x̂, ∂shift = Σ δ, and in training
    ∂x = scale / √(σ² + ε) · (δ − (∂shift + x̂ · ∂scale) / N).

    Args:
        momentum: how much of the running values is kept at each step, 0 ≤ momentum < 1.
        epsilon: ε, added to the variance.

    Source: Ioffe and Szegedy, *Batch normalization*, ICML 2015.
    """

    coupled_rows = True
    normalizes = True
    scale: Array
    shift: Array
    mean: Array
    variance: Array

    def __init__(self, *, momentum: float = 0.9, epsilon: float = 1e-5) -> None:
        check_number(self, "momentum", momentum, minimum=0, below=1)
        check_number(self, "epsilon", epsilon, above=0)
        self.momentum = momentum
        self.epsilon = epsilon

    def build(self, input_shape: Shape) -> Shape:
        features = (features_of(self, input_shape),)
        self.parameter("scale", features, Constant(1.0), tags=("scale",))
        self.parameter("shift", features, Zeros(), tags=("bias",))
        self.state("mean", features, Zeros())
        self.state("variance", features, Constant(1.0), minimum=0)
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        rows = x.reshape(-1, x.shape[-1])
        count = rows.shape[0]
        ctx.saved.by_batch = ctx.training and count > 0
        if ctx.saved.by_batch:
            mean = rows.mean(axis=0)
            centred = np.subtract(rows, mean, out=ctx.scratch("normal", rows.shape))
            variance = np.einsum("ij,ij->j", centred, centred) / count
            keep = self.momentum
            unbiased = variance * (count / max(count - 1, 1))
            ctx.update_state("mean", keep * self.mean + (1 - keep) * mean)
            ctx.update_state("variance", keep * self.variance + (1 - keep) * unbiased)
        else:
            centred = np.subtract(rows, self.mean, out=ctx.scratch("normal", rows.shape))
            variance = self.variance
        ctx.saved.inverse = 1 / np.sqrt(variance + self.epsilon)
        ctx.saved.normal = np.multiply(centred, ctx.saved.inverse, out=centred)
        y = np.multiply(centred, self.scale, out=ctx.scratch("y", rows.shape))
        return np.add(y, self.shift, out=y).reshape(x.shape)

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        rows = grad.reshape(-1, grad.shape[-1])
        count = rows.shape[0]
        normal = ctx.saved.normal
        scale_gradient, shift_gradient = ctx.gradient("scale"), ctx.gradient("shift")
        np.einsum("ij,ij->j", rows, normal, out=scale_gradient)
        np.dot(ctx.scratch.ones(count), rows, out=shift_gradient)
        if not ctx.needs_input_gradient:
            return None
        gradient = ctx.scratch("gradient", rows.shape)
        factor = self.scale * ctx.saved.inverse
        if not ctx.saved.by_batch:
            return np.multiply(rows, factor, out=gradient).reshape(grad.shape)
        np.multiply(normal, scale_gradient / count, out=gradient)
        np.add(gradient, shift_gradient / count, out=gradient)
        np.subtract(rows, gradient, out=gradient)
        return np.multiply(gradient, factor, out=gradient).reshape(grad.shape)
