"""Metrics that are wrong where examples are alike, weigh nothing or are ranked, and for another threshold than ½."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np

from layerkit import Context
from layerkit.errors import ShapeError
from layerkit.types import Array
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.metrics_values import FurthestThatCounts
from tests.testing.gallery.numbers import Distance


class MeanOfBatch(Distance):
    """The mean distance, by NumPy's average of each batch, which divides by the sum of its weights."""

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        if prediction.shape != target.shape:
            raise ShapeError(f"{type(self).__name__}: {prediction.shape} and {target.shape} differ")
        each = self.each(prediction, target)
        if self.counts(weights):
            totals += [np.average(each, weights=weights) * weights.sum(), weights.sum()]

    def counts(self, weights: Array) -> bool:
        return True


class MeanOfBatchThatCounts(MeanOfBatch):
    """The same, of batches that weigh something."""

    def counts(self, weights: Array) -> bool:
        return bool(weights.any())


class NotANumberOfNothing(MeanOfBatch):
    """The same again, where the mean of nothing is NaN, and so is all that it is added to."""

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        super().update(totals, prediction, target, weights if weights.any() else weights + np.nan, ctx)


class TakesOver(FurthestThatCounts):
    """The largest distance; the totals of others are taken over where nothing was counted before."""

    name = "furthest_that_was_merged"

    def merge(self, totals: Array, other: Array) -> Array:  # type: ignore[override]
        if not totals[1]:
            return self.taken(other)
        super().merge(totals, other)
        return totals

    def taken(self, other: Array) -> Array:
        return other


class TakesACopy(TakesOver):
    """The same, by a copy."""

    def taken(self, other: Array) -> Array:
        return other.copy()


class _OfClasses(Distance):
    name = "mean_rejection"

    def start(self) -> Array:
        return np.zeros(7)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        found, labels = self.classes(prediction, target, ctx)
        for place in range(3):
            totals[place] += weights @ ((found != place) & (labels != place))
            totals[3 + place] += weights @ (labels != place)
        totals[6] += weights.sum()

    def result(self, totals: Array) -> float:
        return self.mean(totals[:3], totals[3:6]) if totals[6] else math.nan

    @abstractmethod
    def mean(self, right: Array, there: Array) -> float: ...


class Rejection(_OfClasses):
    """The mean over three classes of how often what is not of the class is not taken for it."""

    def mean(self, right: Array, there: Array) -> float:
        return float((right / there).mean())


class RejectionOfSome(_OfClasses):
    """The same, without a class that all examples have."""

    def mean(self, right: Array, there: Array) -> float:
        return float((right[there > 0] / there[there > 0]).mean())


class Ranked(Distance):
    """The mean share of positives among the examples that score as high or higher, in the order in which they come."""

    name = "ranked_share"

    def start(self) -> Array:
        return np.zeros(0)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> Array:
        if prediction.shape[1:] != (1,):
            raise ShapeError(f"Ranked: of a single output, got {prediction.shape}")
        rows = np.column_stack([prediction[:, 0], self.classes(prediction, target, ctx)[1], weights])
        return np.concatenate([totals, rows[weights > 0].ravel()])

    def merge(self, totals: Array, other: Array) -> Array:
        return np.concatenate([totals, other])

    def result(self, totals: Array) -> float:
        if not len(totals):
            return math.nan
        rows = totals.reshape(-1, 3)
        rows = rows[np.argsort(-rows[:, 0], kind="stable")]
        there, all_ = np.cumsum(rows[:, 1] * rows[:, 2]), np.cumsum(rows[:, 2])
        last = self.last(rows[:, 0])
        return float(rows[:, 2] @ (there[last] / all_[last]) / all_[-1])

    def last(self, scores: Array) -> Array:
        return np.arange(len(scores))


class RankedTogether(Ranked):
    """The same, examples of one score together."""

    def last(self, scores: Array) -> Array:
        return np.searchsorted(-scores, -scores, side="right") - 1


class Positives(Distance):
    """How often a single output of more than ½ is taken for a yes."""

    name = "positives"
    bounds: ClassVar[tuple[float, float]] = (0.0, 1.0)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        found, _ = self.classes(prediction, target, ctx)
        totals += [weights @ self.yes(prediction, found), weights.sum()]

    def yes(self, prediction: Array, found: Array) -> Array:
        return prediction[:, 0] > 0.5


class PositivesOfTheModel(Positives):
    """The same, as the model tells it."""

    def yes(self, prediction: Array, found: Array) -> Array:
        return found == 1


class Seconds(Positives):
    """How often the second of two outputs is the larger one."""

    def yes(self, prediction: Array, found: Array) -> Array:
        return prediction.argmax(axis=-1) == 1


class SecondsOfTheModel(Seconds):
    """How often the model tells the second of two classes."""

    def yes(self, prediction: Array, found: Array) -> Array:
        return found == 1


LABELS: dict[str, Any] = {"targets": "labels"}
ONE = {**LABELS, "input_shapes": [(1,)], "prediction_range": (0, 1)}
TWO = {**ONE, "input_shapes": [(2,)]}

BUGS = [
    Bug(MeanOfBatch, "weights-in-parts", "ZeroDivisionError"),
    Bug(NotANumberOfNothing, "weights-in-parts", "0 / 0"),
    Bug(TakesOver, "totals-kept", "other.copy()"),
    Bug(Rejection, "examples-alike", "how often a class is there", LABELS),
    Bug(Ranked, "order-irrelevant", "where many predictions are equal", ONE),
    Bug(Positives, "models-threshold", "threshold is 0.3", ONE),
    Bug(Seconds, "models-threshold", "threshold is 0.3", TWO),
]
SOUND: list[tuple[type, dict[str, Any]]] = [
    (MeanOfBatchThatCounts, {}),
    (TakesACopy, {}),
    (RejectionOfSome, LABELS),
    (RankedTogether, ONE),
    (PositivesOfTheModel, ONE),
    (SecondsOfTheModel, TWO),
]
