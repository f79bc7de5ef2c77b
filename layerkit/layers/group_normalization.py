"""Group normalisation."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from layerkit.arguments import check_integer, check_number
from layerkit.errors import ShapeError
from layerkit.initializers.constant import Constant
from layerkit.initializers.zeros import Zeros
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.layers.features import features_of
from layerkit.types import Array, Shape


@final
class GroupNormalization(Layer):
    """y = scale · (x − μ) / √(σ² + ε) + shift, with mean and variance over groups of features, of each example alone.

    The features, on the last axis, are cut into groups of neighbours; μ and σ² are those of a group over its features
    and all axes but the batch's. One group is a layer normalisation over all of an example, as many groups as features
    an instance normalisation. Since no other example counts, it is the same for any batch size, and at inference.

    With x̂ the normalised input, N the numbers in a group and δ̂ = δ · scale: ∂scale = Σ δ x̂, ∂shift = Σ δ, and
    ∂x = (δ̂ − (Σ δ̂ + x̂ Σ δ̂ x̂) / N) / √(σ² + ε), the sums of ∂x going over the group. Under a mask, the steps that count
    alone make μ and σ², and the output of the others is zeros.

    Shapes: x and y ``(batch, …, features)``; ``scale`` and ``shift`` ``(features,)``.

    Args:
        groups: how many; the number of features must be a multiple of it.
        epsilon: ε, added to the variance, above 0.

    Raises:
        ShapeError: at build, if the features cannot be cut into so many groups.

    Source: Wu and He, *Group normalization*, ECCV 2018.

    >>> from layerkit import GroupNormalization, Sequential
    >>> Sequential([GroupNormalization(4)]).initialize((28, 28, 16)).output_shape
    (28, 28, 16)
    """

    normalizes = True
    recordable = True
    scale: Array
    shift: Array

    def __init__(self, groups: int, *, epsilon: float = 1e-5) -> None:
        check_integer(self, "groups", groups, minimum=1)
        check_number(self, "epsilon", epsilon, above=0)
        self.groups = groups
        self.epsilon = epsilon

    def build(self, input_shape: Shape) -> Shape:
        features = features_of(self, input_shape)
        if features % self.groups:
            raise ShapeError(
                f"GroupNormalization: {features} features cannot be cut into {self.groups} groups of one size: give a "
                "number of groups that divides them"
            )
        self.parameter("scale", (features,), Constant(1.0), tags=("scale",))
        self.parameter("shift", (features,), Zeros(), tags=("bias",))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        scratch = ctx.scratch
        counts = ctx.saved.counts = ctx.mask_over(x)
        places = math.prod(x.shape[1:-1])
        shape = ctx.saved.grouped = (x.shape[0], places, self.groups, x.shape[-1] // self.groups)
        normal = scratch("normal", x.shape)
        grouped = normal.reshape(shape)
        np.copyto(normal, x) if counts is None else np.multiply(x, counts, out=normal)
        shares = ctx.saved.shares = self._shares(grouped, ctx)
        np.subtract(grouped, self._mean(grouped, shares, ctx, "mean"), out=grouped)
        if counts is not None:
            np.multiply(normal, counts, out=normal)
        square = np.multiply(grouped, grouped, out=scratch("square", grouped.shape))
        deviation = self._mean(square, shares, ctx, "deviation")
        np.add(deviation, scratch.scalar("epsilon", self.epsilon), out=deviation)
        np.sqrt(deviation, out=deviation)
        np.divide(grouped, deviation, out=grouped)
        ctx.saved.normal, ctx.saved.deviation = normal, deviation
        y = np.multiply(normal, self.scale, out=scratch("y", x.shape))
        np.add(y, self.shift, out=y)
        return y if counts is None else np.multiply(y, counts, out=y)

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        scratch, normal = ctx.scratch, ctx.saved.normal
        if ctx.saved.counts is not None:
            grad = np.multiply(grad, ctx.saved.counts, out=scratch("counted", grad.shape))
        rows = grad.reshape(-1, grad.shape[-1])
        product = np.multiply(grad, normal, out=scratch("product", grad.shape))
        ones = scratch.ones(rows.shape[0])
        ones.dot(product.reshape(rows.shape), ctx.gradient("scale"))
        ones.dot(rows, ctx.gradient("shift"))
        if not ctx.needs_input_gradient:
            return None
        shares = ctx.saved.shares
        gradient = np.multiply(grad, self.scale, out=scratch("gradient", grad.shape))
        below, hat = gradient.reshape(ctx.saved.grouped), normal.reshape(ctx.saved.grouped)
        along = np.multiply(below, hat, out=product.reshape(below.shape))
        mean = self._mean(below, shares, ctx, "mean of gradient")
        np.multiply(hat, self._mean(along, shares, ctx, "along"), out=along)
        np.subtract(below, mean, out=below)
        np.subtract(below, along, out=below)
        np.divide(below, ctx.saved.deviation, out=below)
        return gradient if ctx.saved.counts is None else np.multiply(gradient, ctx.saved.counts, out=gradient)

    def _shares(self, grouped: Array, ctx: Context) -> Array:
        """What each number is of its group's mean: 1 / N, for each example where a mask says how many there are."""
        size = grouped.shape[1] * grouped.shape[3]
        counts = ctx.saved.counts
        if counts is None:
            return ctx.scratch.scalar("share", 1 / max(size, 1))
        steps = counts.reshape(counts.shape[0], -1).sum(axis=1)
        numbers = np.maximum(steps * (size // max(counts.shape[1], 1)), 1)
        return (1 / numbers).astype(ctx.scratch.dtype).reshape(-1, 1, 1, 1)

    def _mean(self, grouped: Array, shares: Array, ctx: Context, name: str) -> Array:
        """The mean over the numbers of a group, ``(batch, 1, groups, 1)``."""
        total = grouped.sum(axis=(1, 3), keepdims=True, out=ctx.scratch(name, (grouped.shape[0], 1, self.groups, 1)))
        return np.multiply(total, shares, out=total)
