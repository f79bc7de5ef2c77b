"""Sound costs and metrics of unusual form."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from layerkit import Activation, Context, Cost, Metric, Softmax
from layerkit.errors import DataError, ShapeError
from layerkit.types import Array, TargetForm
from tests.testing.gallery.masks import Padded, Steps
from tests.testing.gallery.metrics import ClassDistance
from tests.testing.gallery.metrics_values import (
    PROBABILITIES,
    AgreementOfSigns,
    BinnedWithin,
    FurthestThatCounts,
    ShareOfSome,
    SpreadOfErrors,
)
from tests.testing.gallery.sound import Squares


class Absolute(Squares):
    """The sum of distances, whose gradient jumps where a prediction is right."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        return np.abs(prediction - target).reshape(len(prediction), -1).sum(axis=1)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return np.sign(prediction - target)


class Bounded(Squares):
    """Huber's cost: square near the target, straight far from it, over the positions that count."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        away = np.abs(prediction - target)
        each = np.where(away < 1, 0.5 * away**2, away - 0.5)
        mask = ctx.mask_over(each)
        return (each if mask is None else each * mask).reshape(len(each), -1).sum(axis=1)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        gradient = np.clip(prediction - target, -1, 1)
        mask = ctx.mask_over(gradient)
        return gradient if mask is None else gradient * mask


class MeanOverCounted(Padded):
    """The mean square over the positions that count, those of one example."""

    def counted(self, values: Array, ctx: Context) -> Array:
        mask = ctx.mask_over(values)
        if mask is None:
            return values / values[0].size
        return values * mask / (mask.sum(axis=1, keepdims=True) * (values[0].size // values.shape[1]))


class Smooth(Padded):
    """The squares, and those of the changes over time between positions that both count."""

    minimum: ClassVar[float | None] = None

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return super().forward(prediction, target, ctx) + (self.changes(prediction, ctx) ** 2).sum(axis=(1, 2))

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        gradient = super().backward(prediction, target, ctx)
        changes = 2 * self.changes(prediction, ctx)
        gradient[:, 1:] += changes
        gradient[:, :-1] -= changes
        return gradient

    def changes(self, prediction: Array, ctx: Context) -> Array:
        if prediction.ndim != 3:
            raise ShapeError(f"Smooth: takes sequences (batch, time, features), got {prediction.shape}")
        mask = ctx.mask_over(prediction)
        changes = np.diff(prediction, axis=1)
        return changes if mask is None else changes * (mask[:, 1:] & mask[:, :-1])


class Angle(Cost):
    """1 − the cosine of the angle between prediction and target, 1 for a row of zeros."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        if prediction.ndim != 2:
            raise ShapeError(f"Angle: takes vectors, got {prediction.shape}")
        cosine: Array = (prediction * target).sum(axis=1) / self.lengths(prediction, target)[:, 0]
        return 1 - cosine

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        lengths = self.lengths(prediction, target)
        square = np.maximum((prediction**2).sum(axis=1, keepdims=True), 1e-12)
        inner = (prediction * target).sum(axis=1, keepdims=True)
        return -(target / lengths - inner * prediction / (lengths * square))

    def lengths(self, prediction: Array, target: Array) -> Array:
        one, other = (np.sqrt((each**2).sum(axis=1, keepdims=True)) for each in (prediction, target))
        return np.maximum(one * other, 1e-12)


class Counts(Cost):
    """Poisson's, of the logarithm of a rate, for targets of at least 0."""

    def check_target(self, target: Array, ctx: Context) -> None:
        if (target < 0).any():
            raise DataError("Counts: targets must be at least 0")

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        return (np.exp(prediction) - target * prediction).reshape(len(prediction), -1).sum(axis=1)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return np.exp(prediction) - target


class Margins(Cost):
    """The hinge of several classes, by labels: Σⱼ max(0, 1 + zⱼ − z of the right class)."""

    target_form: ClassVar[TargetForm] = "labels"

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return np.maximum(self.margins(prediction, target), 0).sum(axis=1)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        wrong = (self.margins(prediction, target) > 0).astype(prediction.dtype)
        wrong[np.arange(len(target)), target] = -wrong.sum(axis=1)
        return wrong

    def margins(self, prediction: Array, target: Array) -> Array:
        if prediction.ndim != 2 or target.shape != prediction.shape[:1]:
            raise ShapeError(f"Margins: predictions {prediction.shape} and labels {target.shape} do not fit")
        rows = np.arange(len(target))
        margins = prediction - prediction[rows, target][:, None] + 1
        margins[rows, target] = 0
        return margins


class OneSequence(Padded):
    """Refuses masks, and says so."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        if ctx.mask is not None:
            raise ShapeError("OneSequence: takes no mask")
        return super().forward(prediction, target, ctx)


class Flattened(Squares):
    """Takes a column for a vector, and the other way round: both are the same numbers in the same order."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return super().forward(prediction, self.aligned(prediction, target), ctx)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return super().backward(prediction, self.aligned(prediction, target), ctx)

    def aligned(self, prediction: Array, target: Array) -> Array:
        column = {prediction.shape, target.shape} == {(len(target),), (len(target), 1)}
        return target.reshape(prediction.shape) if column else target


class Read(Padded):
    """Is read by a softmax."""

    def readout(self) -> Activation:
        return Softmax()


class FlatOrColumn(Metric):
    """The mean square, of (n,) against (n, 1) too: both are put in a column first."""

    name = "flat_or_column"

    def start(self) -> Array:
        return np.zeros(2)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        one, other = prediction.reshape(len(prediction), -1), target.reshape(len(target), -1)
        if one.shape != other.shape:
            raise ShapeError(f"FlatOrColumn: {prediction.shape} and {target.shape} do not fit")
        totals += [weights @ ((one - other) ** 2).mean(axis=1), weights.sum()]

    def result(self, totals: Array) -> float:
        return float(totals[0] / totals[1]) if totals[1] else math.nan


class Worst(FlatOrColumn):
    """The largest distance of an example that counts: merged by a maximum, empty at −1."""

    name = "worst_error"

    def start(self) -> Array:
        return np.full(1, -1.0)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        if prediction.shape != target.shape:
            raise ShapeError(f"Worst: {prediction.shape} and {target.shape} do not fit")
        away = np.abs(prediction - target).reshape(len(prediction), -1).max(axis=1)
        totals[0] = max(totals[0], away.max(where=weights > 0, initial=-1))

    def merge(self, totals: Array, other: Array) -> None:
        np.maximum(totals, other, out=totals)

    def result(self, totals: Array) -> float:
        return float(totals[0]) if totals[0] >= 0 else math.nan


class Relative(FlatOrColumn):
    """The mean distance as a share of the target, which may be 0."""

    name = "relative_error"

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        if prediction.shape != target.shape:
            raise ShapeError(f"Relative: {prediction.shape} and {target.shape} do not fit")
        shares = np.abs(prediction - target) / np.maximum(np.abs(target), 1e-8)
        totals += [weights @ shares.reshape(len(shares), -1).mean(axis=1), weights.sum()]


class Explained(FlatOrColumn):
    """R²: the share of the targets' variance that predictions explain, from sums around means that are merged."""

    name = "explained"

    def start(self) -> Array:
        return np.zeros(4)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        if prediction.shape != target.shape:
            raise ShapeError(f"Explained: {prediction.shape} and {target.shape} do not fit")
        each = np.repeat(weights, prediction[0].size)
        y, away = target.astype(np.float64).ravel(), (prediction - target).ravel()
        mean = each @ y / each.sum() if each.sum() else 0.0
        self.merge(totals, np.array([each.sum(), mean, each @ (y - mean) ** 2, each @ away**2]))

    def merge(self, totals: Array, other: Array) -> None:
        weight = totals[0] + other[0]
        if other[0]:
            apart, share = other[1] - totals[1], other[0] / weight
            totals += [other[0], apart * share, other[2] + apart**2 * share * totals[0], other[3]]

    def result(self, totals: Array) -> float:
        _, _, spread, away = totals
        return float(1 - away / spread) if spread > 0 else math.nan


class FScore(ClassDistance):
    """F1 of class 1, from three counts."""

    name = "f_score"

    def start(self) -> Array:
        return np.zeros(3)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        found, labels = self.classes(prediction, target, ctx)
        totals += [weights @ (found == 1), weights @ (labels == 1), weights @ ((found == 1) & (labels == 1))]

    def result(self, totals: Array) -> float:
        return float(2 * totals[2] / (totals[0] + totals[1])) if totals[0] + totals[1] else math.nan


class AllErrors(Metric):
    """Σ w |a − y|: a sum, which grows with the examples and their weights."""

    name = "all_errors"

    def start(self) -> Array:
        return np.zeros(2)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        if prediction.shape != target.shape:
            raise ShapeError(f"AllErrors: targets {target.shape} do not fit predictions {prediction.shape}")
        if ctx.mask_over(prediction) is not None:
            raise ShapeError("AllErrors: takes no masks")
        errors = np.abs(prediction.astype(np.float64) - target).reshape(len(weights), -1).sum(axis=1)
        totals += [float(weights @ errors), float(weights.sum())]

    def result(self, totals: Array) -> float:
        return float(totals[0]) if totals[1] else math.nan


POSITIVE = {"targets": "unit"}
ONE = {"targets": "labels", "input_shapes": [(1,)], "prediction_range": (0.0, 1.0)}
HONEST: list[tuple[type, dict[str, Any]]] = [
    *((cost, {}) for cost in (Absolute, Bounded, MeanOverCounted, Angle, Margins, Flattened, Read, OneSequence)),
    *((cost, {"input_shapes": [(4, 2)]}) for cost in (Bounded, MeanOverCounted, Smooth, OneSequence)),
    (Absolute, {"input_shapes": [(1,), ()]}),
    (Counts, POSITIVE),
    (Counts, {}),
    (Padded, {"input_shapes": [(5, 2, 3)]}),
    *((metric, {}) for metric in (FlatOrColumn, Worst, Relative, Explained, Steps, AllErrors)),
    *((metric, {}) for metric in (AgreementOfSigns, FurthestThatCounts, ShareOfSome, SpreadOfErrors)),
    (BinnedWithin, PROBABILITIES),
    (Steps, {"input_shapes": [(4, 2)]}),
    (FlatOrColumn, {"input_shapes": [(1,), (4,)]}),
    *((metric, {"targets": "labels"}) for metric in (ClassDistance, FScore)),
    *((metric, ONE) for metric in (ClassDistance, FScore)),
    (FScore, {"targets": "one-hot"}),
]
