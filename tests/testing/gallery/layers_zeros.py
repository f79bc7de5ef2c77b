"""Layers that single out what is exactly 0, among inputs or among parameters, and do it wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from layerkit import Context, Glorot, Initializer, Layer, Zeros
from layerkit.arguments import check_instance
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Offset


class Factors(Layer):
    """The product of an example's values; a gradient is the product of the others."""

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1 or not isinstance(input_shape[0], int):
            raise ShapeError(f"{type(self).__name__}: takes vectors of a known length, got {input_shape}")
        return (1,)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        y: Array = x.prod(axis=1, keepdims=True)
        return y

    def of_others(self, x: Array) -> Array:
        return np.stack([np.delete(x, place, axis=1).prod(axis=1) for place in range(x.shape[1])], axis=1)

    def backward(self, grad: Array, ctx: Context) -> Array:
        below: Array = grad * self.of_others(ctx.saved.x)
        return below


class FactorsByDivision(Factors):
    """Divides the product by each value, and takes 0 where that is 0: right where two of them are."""

    def of_others(self, x: Array) -> Array:
        safe = np.where(x == 0, 1, x)
        others: Array = np.where(x == 0, 0, x.prod(axis=1, keepdims=True) / safe)
        return others


class Directions(Layer):
    """y = x V, each column of V brought to the length 1."""

    direction: Array

    def __init__(self, *, initializer: Initializer | None = None) -> None:
        check_instance(self, "initializer", initializer, Initializer, optional=True)
        self.initializer = initializer

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1 or not isinstance(input_shape[0], int):
            raise ShapeError(f"{type(self).__name__}: takes vectors of a known length, got {input_shape}")
        self.parameter("direction", (input_shape[0], 3), self.initializer or Glorot(), fan_in=input_shape[0], fan_out=3)
        return (3,)

    def length(self) -> Array:
        return np.sqrt((self.direction**2).sum(axis=0) + 1e-12)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        ctx.saved.length = self.length()
        ctx.saved.unit = self.direction / ctx.saved.length
        y: Array = x @ ctx.saved.unit
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        unit = ctx.saved.unit
        slope = ctx.saved.x.T @ grad
        ctx.gradient("direction")[...] = (slope - unit * (slope * unit).sum(axis=0)) / ctx.saved.length
        below: Array = grad @ unit.T
        return below


class DirectionsOfAnyLength(Directions):
    """Divides by a length that is 0 where a unit was pruned."""

    def length(self) -> Array:
        return np.sqrt((self.direction**2).sum(axis=0))


class Spreads(Offset):
    """y = (x − c) / (s + 0.001), for the mean and the deviation that each place of the training data has."""

    spread: Array

    def build(self, input_shape: Shape) -> Shape:
        self.state("spread", super().build(input_shape), Zeros(), minimum=0)
        return input_shape

    def root(self, square: Array) -> Array:
        return np.sqrt(np.maximum(square, 0))

    def adapt(self, batches: Iterable[tuple[Array, Array]], ctx: Context) -> None:
        kept = [(x, weights) for x, weights in batches]
        first = self.origin(kept[0][0])
        mean = self.learned([(x - first, weights) for x, weights in kept])
        square = self.learned([((x - first) ** 2, weights) for x, weights in kept])
        ctx.update_state("middle", first + mean)
        with np.errstate(invalid="ignore"):
            ctx.update_state("spread", self.root(square - mean**2))

    def origin(self, x: Array) -> Array:
        return np.asarray(x[0])

    def forward(self, x: Array, ctx: Context) -> Array:
        y: Array = super().forward(x, ctx) / (self.spread + 0.001)
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        below: Array = grad / (self.spread + 0.001)
        return below


class SpreadsByMoments(Spreads):
    """The root of E[x²] − E[x]², which rounding may leave below 0."""

    def origin(self, x: Array) -> Array:
        return np.zeros(x.shape[1:])

    def root(self, square: Array) -> Array:
        return np.sqrt(square)


_VECTORS: dict[str, Any] = {"input_shapes": [(4,)]}
BUGS = [
    Bug(FactorsByDivision, "planted-points", "of which one number is 0", _VECTORS),
    Bug(DirectionsOfAnyLength, "zeros-for-an-initializer", "initializer=Zeros()", _VECTORS),
    Bug(SpreadsByMoments, "adapts-to-data", "every feature is always the same"),
]
SOUND: list[tuple[type, dict[str, Any]]] = [
    (Factors, _VECTORS),
    (Directions, _VECTORS),
    (Spreads, {}),
]
