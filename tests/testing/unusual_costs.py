"""Sound costs of unusual conduct: a choice that is recorded, a readout with a parameter, weights in a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from layerkit import Activation, Constant, Context, Cost
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape
from tests.testing.gallery.sound import Squares


class Absolute(Cost):
    """Σ |a − y|, with a choice by np.sign, recordable."""

    recordable = True
    minimum = 0.0

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        ctx.saved.difference = prediction - target
        costs: Array = np.abs(ctx.saved.difference).reshape(len(prediction), -1).sum(axis=1)
        return costs

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return np.sign(ctx.saved.difference)


class Hill(Activation):
    """(1 + tanh(s z)) / 2, with a learned steepness."""

    lowest = 0.0
    highest = 1.0
    steepness: Array

    def declare(self, input_shape: Shape) -> None:
        self.parameter("steepness", (), Constant(1.0))

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x, ctx.saved.t = x, np.tanh(self.steepness * x)
        return (1 + ctx.saved.t) / 2

    def backward(self, grad: Array, ctx: Context) -> Array:
        slope = grad * (1 - ctx.saved.t**2) / 2
        np.sum(slope * ctx.saved.x, out=ctx.gradient("steepness"))
        return slope * self.steepness


class SquaresOfHills(Squares):
    """Squared differences of hills, by a readout of its own, with a parameter."""

    def readout(self) -> Activation:
        return Hill()


class Weighted(Squares):
    """Squared differences, each output with its own weight, kept as a list."""

    def __init__(self, weights: Sequence[float] = (1.0, 2.0, 0.5)) -> None:
        if not isinstance(weights, (list, tuple)):
            raise TypeError(f"Weighted: weights must be a list of numbers, got {weights!r}")
        self.weights = weights

    def _roots(self, like: Array) -> Array:
        return np.sqrt(np.array(self.weights, like.dtype))

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        if prediction.shape[-1:] != (len(self.weights),):
            raise ShapeError(f"Weighted: takes predictions of {len(self.weights)} numbers, got {prediction.shape}")
        self.require_same_shape(prediction, target)
        return super().forward(prediction * self._roots(prediction), target * self._roots(prediction), ctx)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return 2 * (prediction - target) * self._roots(prediction) ** 2


class Divergence(Cost):
    """Σ y log(y / a) − y + a, of numbers that count as a millionth at least: very steep near 0."""

    minimum = 0.0

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        mask = ctx.mask_over(prediction)
        given, wanted = (value if mask is None else np.where(mask, value, 1) for value in (prediction, target))
        ctx.saved.above = given > 1e-6
        ctx.saved.given, ctx.saved.wanted = a, y = np.maximum(given, 1e-6), np.maximum(wanted, 1e-6)
        each = y * (np.log(y) - np.log(a)) - y + a
        costs: Array = each.reshape(len(each), -1).sum(axis=1).astype(prediction.dtype)
        return costs

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        slope = 1 - ctx.saved.wanted / ctx.saved.given
        return np.where(ctx.saved.above, slope, 0).astype(prediction.dtype)


HONEST: list[tuple[type, dict[str, Any]]] = [
    (Absolute, {}),
    (Hill, {}),
    (SquaresOfHills, {}),
    (Weighted, {}),
    (Divergence, {}),
    (Weighted, {"arguments": {"weights": [3, 1.5]}, "input_shapes": [(2,)]}),
]
