"""Metrics that are wrong for weights below 1, predictions of the wrong sign, zeros or numbers far from 0."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from layerkit import Context
from layerkit.errors import ShapeError
from layerkit.types import Array
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.numbers import Distance


class WholeWeights(Distance):
    """Counts weights as whole numbers."""

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        super().update(totals, prediction, target, np.ceil(weights), ctx)


class Furthest(Distance):
    """The largest distance of any example."""

    name = "furthest_error"

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        if prediction.shape != target.shape:
            raise ShapeError(f"Furthest: {prediction.shape} and {target.shape} differ")
        each = self.each(prediction, target)
        totals[0] = max(totals[0], each[self.counts(weights)].max(initial=0.0))
        totals[1] += weights.sum()

    def counts(self, weights: Array) -> Array:
        return np.ones(len(weights), bool)

    def merge(self, totals: Array, other: Array) -> None:
        totals[0], totals[1] = max(totals[0], other[0]), totals[1] + other[1]

    def result(self, totals: Array) -> float:
        return float(totals[0]) if totals[1] else float("nan")


class FurthestThatCounts(Furthest):
    """The largest distance of an example whose weight is not 0."""

    def counts(self, weights: Array) -> Array:
        counts: Array = weights > 0
        return counts


class Agreement(Distance):
    """The mean product of the signs."""

    name = "agreement"
    bounds: ClassVar[tuple[float, float]] = (0.0, 1.0)

    def each(self, prediction: Array, target: Array) -> Array:
        signs: Array = np.sign(prediction) * np.sign(target)
        return signs.reshape(len(signs), -1).mean(axis=1)


class AgreementOfSigns(Agreement):
    """The same, with the bounds that hold."""

    bounds: ClassVar[tuple[float, float]] = (-1.0, 1.0)


class Share(Distance):
    """The distance as a share of the target."""

    name = "share_error"
    least = 0.0

    def each(self, prediction: Array, target: Array) -> Array:
        shares: Array = np.abs(prediction - target) / np.maximum(np.abs(target), self.least)
        return shares.reshape(len(shares), -1).mean(axis=1)


class ShareOfSome(Share):
    """The same, where a target counts as a thousandth at least."""

    least = 1e-3


class Spread(Distance):
    """The variance of the errors, from a sum and a sum of squares."""

    name = "spread_error"

    def start(self) -> Array:
        return np.zeros(3)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        if prediction.shape != target.shape:
            raise ShapeError(f"Spread: {prediction.shape} and {target.shape} differ")
        count = prediction[0].size
        p, t = (array.reshape(len(array), -1).astype(np.float64) for array in (prediction, target))
        squares = p * p - 2 * p * t + t * t
        totals += [weights.sum() * count, (weights @ (p - t)).sum(), (weights @ squares).sum()]

    def result(self, totals: Array) -> float:
        return float(max(totals[2] / totals[0] - (totals[1] / totals[0]) ** 2, 0)) if totals[0] else float("nan")


class SpreadOfErrors(Spread):
    """The same, from the errors themselves."""

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        if prediction.shape != target.shape:
            raise ShapeError(f"SpreadOfErrors: {prediction.shape} and {target.shape} differ")
        errors = (prediction.astype(np.float64) - target).reshape(len(prediction), -1)
        totals += [weights.sum() * errors.shape[1], (weights @ errors).sum(), (weights @ errors**2).sum()]


class Binned(Distance):
    """How often a probability falls in the upper of three bins, of which there is one too few for exactly 1."""

    name = "upper_share"
    last = 3

    def each(self, prediction: Array, target: Array) -> Array:
        bins = np.minimum((prediction * 3).astype(int), self.last)
        upper: Array = (bins == 2) == (target.reshape(prediction.shape) == 1)
        return upper.reshape(len(upper), -1).mean(axis=1)


class BinnedWithin(Binned):
    """The same, with exactly 1 in the last bin."""

    last = 2


PROBABILITIES = {"targets": "multi-hot", "input_shapes": [(3,)], "prediction_range": (0, 1)}

BUGS = [
    Bug(WholeWeights, "weights-in-parts", "whole numbers"),
    Bug(Furthest, "weights-in-parts", "a maximum"),
    Bug(Agreement, "within-bounds", "from 0 to 1"),
    Bug(Share, "finite-measures", "a target of exactly 0"),
    Bug(Spread, "far-from-zero", "two large sums"),
    Bug(Binned, "ends-of-the-range", "exactly 1", PROBABILITIES),
]
