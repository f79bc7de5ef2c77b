"""Layers that are not what they declare, where it takes other data, other rows or some steps to see it."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Constant, Context, Dense, Layer, Zeros
from layerkit.arguments import check_instance
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug

VECTORS: dict[str, Any] = {"input_shapes": [(4,)]}


def width_of(layer: Layer, input_shape: Shape) -> int:
    """The width of inputs ``(features,)``."""
    if len(input_shape) != 1 or not isinstance(input_shape[0], int):
        raise ShapeError(f"{type(layer).__name__}: takes (features,), got {input_shape}")
    return int(input_shape[0])


class Rank(Layer):
    """y = (x · a) bᵀ + c."""

    a: Array
    b: Array
    c: Array
    first: Any = Constant(0.3)

    def build(self, input_shape: Shape) -> Shape:
        width = width_of(self, input_shape)
        self.parameter("a", (width,), self.first)
        self.parameter("b", (width,), Zeros())
        self.parameter("c", (width,), Zeros())
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x, ctx.saved.inner = x, x @ self.a
        y: Array = ctx.saved.inner[:, None] * self.b + self.c
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        inner = grad @ self.b
        ctx.gradient("a")[...] = inner @ ctx.saved.x
        ctx.gradient("b")[...] = ctx.saved.inner @ grad
        ctx.gradient("c")[...] = grad.sum(axis=0)
        below: Array = inner[:, None] * self.a
        return below


class BothAtZero(Rank):
    """Only c is ever trained."""

    first = Zeros()


class Shuffled(Layer):
    """In training, adds a quarter of a drawn row of the batch to each."""

    stochastic = True
    coupled_rows = True

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.order = ctx.rng.permutation(len(x)) if ctx.training else None
        y: Array = x if ctx.saved.order is None else 0.75 * x + 0.25 * x[ctx.saved.order]
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        if ctx.saved.order is None:
            return grad
        below: Array = 0.75 * grad
        np.add.at(below, ctx.saved.order, 0.25 * grad)
        return below


class ShuffledUndeclared(Shuffled):
    """Does not say so."""

    coupled_rows = False


class Wrapped(Layer):
    """Hands on what the inner layer gives, each step or row in another place at most."""

    output_part = "inner"
    inner: Layer

    def __init__(self, inner: Layer) -> None:
        check_instance(self, "inner", inner, Layer)
        self.inner = inner

    def build(self, input_shape: Shape) -> Shape:
        return self.part("inner", self.inner, input_shape)

    def forward(self, x: Array, ctx: Context) -> Array:
        return np.ascontiguousarray(np.asarray(ctx.part("inner").forward(x))[..., ::-1])

    def backward(self, grad: Array, ctx: Context) -> Any:
        return ctx.part("inner").backward(np.ascontiguousarray(grad[..., ::-1]))


class Doubled(Wrapped):
    """Gives twice what the inner layer gives."""

    def forward(self, x: Array, ctx: Context) -> Array:
        return 2 * super().forward(x, ctx)

    def backward(self, grad: Array, ctx: Context) -> Any:
        return super().backward(2 * grad, ctx)


class Spread(Layer):
    """Takes the mean off each row, and divides by its spread."""

    normalizes = True
    divides = True

    def build(self, input_shape: Shape) -> Shape:
        width_of(self, input_shape)
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        centred = x - x.mean(axis=-1, keepdims=True)
        square = (centred * centred).mean(axis=-1, keepdims=True)
        ctx.saved.factor = 1 / np.sqrt(square + 1) if self.divides else np.ones_like(square)
        ctx.saved.y = centred * ctx.saved.factor
        y: Array = ctx.saved.y
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        y = ctx.saved.y if self.divides else 0 * ctx.saved.y
        along = grad - grad.mean(axis=-1, keepdims=True) - y * (grad * y).mean(axis=-1, keepdims=True)
        below: Array = along * ctx.saved.factor
        return below


class CentredOnly(Spread):
    """Takes the mean off alone, and declares normalizes."""

    divides = False


class Largest(Layer):
    """Divides each feature by the largest size that it had in the training data."""

    largest: Array

    def build(self, input_shape: Shape) -> Shape:
        self.state("largest", (width_of(self, input_shape),), Constant(1.0))
        return input_shape

    def begun(self) -> Array:
        return np.zeros_like(self.largest)

    def seen(self, x: Array, weights: Array) -> Array:
        largest: Array = np.abs(x[weights > 0]).max(axis=0, initial=0)
        return largest

    def adapt(self, batches: Any, ctx: Context) -> None:
        largest = self.begun()
        for x, weights in batches:
            largest = np.maximum(largest, self.seen(x, weights))
        ctx.update_state("largest", np.where(largest > 0, largest, 1))

    def forward(self, x: Array, ctx: Context) -> Array:
        y: Array = x / self.largest
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        below: Array = grad / self.largest
        return below


class LargestEver(Largest):
    """Begins with the largest of the data before."""

    def begun(self) -> Array:
        return np.where(self.largest > 3, self.largest, 0).astype(self.largest.dtype)


class LargestOfNothing(Largest):
    """Divides by the weights of each batch."""

    def seen(self, x: Array, weights: Array) -> Array:
        return super().seen(x, weights) * (weights.sum() / weights.sum())


SOUND = (
    (Rank, VECTORS),
    (Shuffled, {**VECTORS, "keeps_mean": False}),
    (Wrapped, {**VECTORS, "arguments": {"inner": Dense(3)}}),
    (Spread, VECTORS),
    (Largest, VECTORS),
)

BUGS = [
    Bug(BothAtZero, "able-to-learn", "'a', 'b' have gradients of 0", VECTORS),
    Bug(ShuffledUndeclared, "rows-independent", "rows are mixed", {**VECTORS, "keeps_mean": False}),
    Bug(Doubled, "output-of-the-part", "15 of 15 numbers", {**VECTORS, "arguments": {"inner": Dense(3)}}),
    Bug(CentredOnly, "declared-scale", "times as large, in training", VECTORS),
    Bug(LargestEver, "adapts-anew", "from small numbers", VECTORS),
    Bug(LargestOfNothing, "adapts-by-weights", "all weights are 0", VECTORS),
]
