"""Costs that are scaled, signed or shaped wrongly."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from layerkit import Context, Cost
from layerkit.types import Array
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Squares


class BatchMean(Squares):
    """One cost for the whole batch."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        mean: Array = super().forward(prediction, target, ctx).mean()
        return mean


class DividedGradient(Squares):
    """The gradient is divided by the rows."""

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return super().backward(prediction, target, ctx) / len(prediction)


class WrongSign(Squares):
    """The gradient points uphill."""

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return 2 * (target - prediction)


class ComparedWithTheBatch(Squares):
    """Costs are given relative to the batch's mean."""

    minimum: ClassVar[float | None] = None

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        costs = super().forward(prediction, target, ctx)
        difference: Array = costs - costs.mean()
        return difference


class Broadcasts(Squares):
    """Shapes are not compared."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        squares: Array = ((prediction - target) ** 2).reshape(len(prediction), -1).sum(axis=1)
        return squares


class MinimumLie(Squares):
    """Declares a minimum that is not reached."""

    minimum = -1.0


class LogarithmOfZero(Cost):
    """Binary cross-entropy, without a thought for certain predictions."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        costs: Array = -(target * np.log(prediction) + (1 - target) * np.log(1 - prediction)).sum(axis=1)
        return costs

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return (prediction - target) / (prediction * (1 - prediction))


class StaleScratch(Squares):
    """Scratch is added to before it is written."""

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        gradient = ctx.scratch("gradient", prediction.shape)
        if not hasattr(ctx.saved, "begun"):
            gradient[...] = 0
            ctx.saved.begun = True
        gradient *= 0
        gradient += 2 * (prediction - target)
        return gradient


class WideCost(Squares):
    """Costs come in float64, whatever the model's dtype."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return super().forward(prediction, target, ctx).astype(np.float64)


class OneColumn(Squares):
    """The gradient has one column, which would be broadcast."""

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        column: Array = super().backward(prediction, target, ctx).sum(axis=-1, keepdims=True)
        return column


class UnseenBranch(Squares):
    """Declares recordable, and branches on numbers behind the recorder's back."""

    recordable = True

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        plain = np.asarray(prediction)
        return super().backward(prediction, target, ctx) * (2.0 if plain.max() > THRESHOLD else 1.0)


THRESHOLD = 0.7

BUGS = [
    Bug(BatchMean, "one-cost-per-example", "mean or sum over the batch"),
    Bug(DividedGradient, "gradient-matches", "mean over the batch"),
    Bug(WrongSign, "gradient-matches", "sign"),
    Bug(ComparedWithTheBatch, "examples-independent", "over the batch"),
    Bug(Broadcasts, "no-broadcasting", "require_same_shape"),
    Bug(MinimumLie, "minimum-reached", "declaration of minimum"),
    Bug(LogarithmOfZero, "finite-at-the-ends", "log(0)", {"prediction_range": (0.1, 0.9), "targets": "unit"}),
    Bug(StaleScratch, "scratch-reused", "before it is written"),
    Bug(OneColumn, "gradient-shape-and-dtype", "a reduction too many"),
    Bug(UnseenBranch, "recorded-passes", "numbers of an array are read", {"checks": ["recorded-passes"]}),
    Bug(WideCost, "one-cost-per-example", "another dtype"),
]
