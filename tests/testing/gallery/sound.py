"""Components without a bug, from which those with one are derived: what is caught is then the bug."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from layerkit import Activation, Constant, Context, Cost, Glorot, Layer, Optimizer, UpdateContext, Zeros
from layerkit.arguments import check_number
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape


class Scale(Layer):
    """y = s · x, one learned factor a feature."""

    factor: Array

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape or not all(isinstance(axis, int) for axis in input_shape):
            raise ShapeError(f"Scale: every axis must have a length, got {input_shape}")
        self.parameter("factor", input_shape, Constant(1.0))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x * self.factor

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        ctx.gradient("factor")[...] = (grad * ctx.saved.x).sum(axis=0)
        return grad * self.factor


class Affine(Layer):
    """y = x W + b, to as many features as there are."""

    weight: Array
    bias: Array

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1 or not isinstance(input_shape[0], int):
            raise ShapeError(f"Affine: takes vectors of a known length, got {input_shape}")
        self.parameter("weight", (input_shape[0], input_shape[0]), Glorot())
        self.parameter("bias", input_shape, Zeros(), tags=("bias",))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x @ self.weight + self.bias

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        ctx.gradient("weight")[...] = ctx.saved.x.T @ grad
        ctx.gradient("bias")[...] = grad.sum(axis=0)
        return grad @ self.weight.T


class Offset(Layer):
    """y = x − c, for the mean c that each place of the training data has."""

    middle: Array

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape or not all(isinstance(axis, int) for axis in input_shape):
            raise ShapeError(f"Offset: every axis must have a length, got {input_shape}")
        self.state("middle", input_shape, Zeros())
        return input_shape

    def learned(self, batches: Iterable[tuple[Array, Array]]) -> Array:
        total, weight = np.zeros(self.middle.shape), 0.0
        for x, weights in batches:
            total = total + np.tensordot(weights, x, 1)
            weight += weights.sum()
        return np.asarray(total / weight)

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        ctx.update_state("middle", self.learned(batches))

    def forward(self, x: Array, ctx: Context) -> Array:
        y: Array = x - self.middle
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


class Drop(Layer):
    """Sets a value to 0 with a probability, in training, and scales what is left."""

    stochastic = True

    def __init__(self, rate: float = 0.4) -> None:
        check_number(self, "rate", rate, minimum=0, below=1)
        self.rate = rate

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def kept(self, x: Array, ctx: Context) -> Array:
        return ((ctx.rng.random(x.shape) >= self.rate) / (1 - self.rate)).astype(x.dtype)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.kept = self.kept(x, ctx) if ctx.training else np.ones_like(x)
        return x * ctx.saved.kept

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        return grad * ctx.saved.kept


class Centre(Layer):
    """Takes the batch's mean off each feature, and a running one at inference."""

    coupled_rows = True
    mean: Array

    def build(self, input_shape: Shape) -> Shape:
        if not all(isinstance(axis, int) for axis in input_shape):
            raise ShapeError(f"Centre: every axis must have a length, got {input_shape}")
        self.state("mean", input_shape, Zeros())
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.training = ctx.training
        if not ctx.training:
            return x - self.mean
        mean = x.mean(axis=0)
        ctx.update_state("mean", 0.9 * self.mean + 0.1 * mean)
        return x - mean

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        return grad - grad.mean(axis=0) if ctx.saved.training else grad


class Bend(Activation):
    """z / √(1 + z²), between −1 and 1."""

    elementwise = True
    lowest = -1.0
    highest = 1.0

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x / np.sqrt(1 + x * x)

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        return grad * self.derivative(ctx.saved.x)

    def derivative(self, z: Array) -> Array:
        slope: Array = (1 + z * z) ** -1.5
        return slope


class Squares(Cost):
    """The sum of squared differences."""

    minimum: ClassVar[float | None] = 0.0

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        squares: Array = ((prediction - target) ** 2).reshape(len(prediction), -1).sum(axis=1)
        return squares

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return 2 * (prediction - target)


class Momentum(Optimizer):
    """v ← 0.9 v + g; θ ← θ − η v."""

    def __init__(self, learning_rate: float = 0.1) -> None:
        check_rate(learning_rate)
        self.learning_rate = learning_rate

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        velocity = ctx.state("velocity")
        velocity *= 0.9
        velocity += gradient
        parameters -= ctx.learning_rate * velocity


def check_rate(value: object) -> None:
    from layerkit import Schedule

    if not isinstance(value, Schedule):
        check_number("Momentum", "learning_rate", value, minimum=0)


def momentum_reference(parameters: Array, gradients: list[Array], rate: float) -> Array:
    velocity = np.zeros_like(parameters)
    for gradient in gradients:
        velocity = 0.9 * velocity + gradient
        parameters = parameters - rate * velocity
    return parameters
