"""Layers as somebody outside would write them."""

from __future__ import annotations

import numpy as np

from layerkit import Constant, Context, Cost, Layer, Normal, Zeros
from layerkit.types import Array, Shape


class Scale(Layer):
    """y = s · x, one learned factor a feature."""

    factor: Array

    def __init__(self, *, start: float = 1.0) -> None:
        self.start = start

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("factor", input_shape, Constant(self.start))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x * self.factor

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("factor")[...] = (grad * ctx.saved.x).sum(axis=0)
        return grad * self.factor


class RunningMean(Layer):
    """y = x; remembers the mean of the last training batch of each feature, and how the pass was run."""

    coupled_rows = True
    mean: Array

    def build(self, input_shape: Shape) -> Shape:
        self.state("mean", input_shape, Zeros())
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        if ctx.training:
            ctx.update_state("mean", x.mean(axis=0))
        return x

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


class Branches(Layer):
    """y = left(x) + right(x): a container of one's own."""

    def __init__(self, left: Layer, right: Layer) -> None:
        self.left = left
        self.right = right

    def build(self, input_shape: Shape) -> Shape:
        shape = self.part("left_branch", self.left, input_shape)
        self.part("right_branch", self.right, input_shape)
        return shape

    def connect(self, ctx: Context) -> None:
        for part in ctx.parts:
            part.needs_input_gradient = ctx.needs_input_gradient

    def forward(self, x: Array, ctx: Context) -> Array:
        total: Array = ctx.part("left_branch").forward(x) + ctx.part("right_branch").forward(x)
        return total

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        left = ctx.part("left_branch").backward(grad)
        right = ctx.part("right_branch").backward(grad)
        return None if left is None or right is None else left + right


class WeightedSum(Layer):
    """y = a · u + b · v, for a pair of inputs of one shape."""

    weights: Array

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("weights", (2,), Normal())
        return input_shape[0]

    def forward(self, x: tuple[Array, Array], ctx: Context) -> Array:
        ctx.saved.x = x
        total: Array = x[0] * self.weights[0] + x[1] * self.weights[1]
        return total

    def backward(self, grad: Array, ctx: Context) -> tuple[Array | None, ...]:
        for place, part in enumerate(ctx.saved.x):
            ctx.gradient("weights")[place] = (grad * part).sum()
        return tuple(
            grad * weight if part.dtype.kind == "f" else None
            for part, weight in zip(ctx.saved.x, self.weights, strict=True)
        )


class Lookup(Layer):
    """y = table[x], for integers x."""

    integer_input = "accept"
    table: Array

    def __init__(self, count: int, width: int) -> None:
        self.count = count
        self.width = width

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("table", (self.count, self.width), Normal(), fan_in=self.count, fan_out=self.width)
        return (*input_shape, self.width)

    def forward(self, x: Array, ctx: Context) -> Array:
        assert x.dtype.kind in "iu", f"integers are to arrive as they are, not as {x.dtype}"
        ctx.saved.x = x
        return self.table[x]

    def backward(self, grad: Array, ctx: Context) -> None:
        gradient = ctx.gradient("table")
        gradient[...] = 0
        np.add.at(gradient, ctx.saved.x, grad)


class LinearCost(Cost):
    """C = Σⱼ aⱼ, whatever the target."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        total: Array = prediction.reshape(prediction.shape[0], -1).sum(axis=1)
        return total

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return np.ones_like(prediction)
