"""Metrics that are wrong for some targets, some batches or some orders of merging."""

from __future__ import annotations

import numpy as np

from layerkit import Context
from layerkit.types import Array
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.numbers import Distance


class ClassDistance(Distance):
    """How many classes lie between the predicted and the true one, in the mean."""

    name = "class_distance"

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        found, labels = self.classes(prediction, target, ctx)
        distances = self.between(found, labels)
        totals += [(weights @ distances.reshape(len(distances), -1)).sum(), weights.sum() * distances[0].size]

    def between(self, found: Array, labels: Array) -> Array:
        distances: Array = np.abs(found.astype(np.int64) - labels.astype(np.int64))
        return distances


class UnsignedDistance(ClassDistance):
    """Subtracts labels in their own dtype, which may have no sign."""

    def between(self, found: Array, labels: Array) -> Array:
        distances: Array = np.abs(found.astype(labels.dtype) - labels)
        return distances


class WholeDistances(Distance):
    """Keeps distances in an array of the targets' dtype."""

    def each(self, prediction: Array, target: Array) -> Array:
        distances = np.empty_like(target)
        distances[...] = np.abs(prediction - target)
        return distances.reshape(len(distances), -1).mean(axis=1)


class FirstHundred(Distance):
    """Looks at the first hundred rows of a batch."""

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        super().update(totals, prediction[:100], target[:100], weights[:100], ctx)


class MergesIntoAName(Distance):
    """Where nothing was counted yet, it takes the other's totals by rebinding a name."""

    def merge(self, totals: Array, other: Array) -> None:
        if totals[1] == 0:
            totals = other.copy()
        else:
            totals += other


class EmptiesTheOther(Distance):
    """Sets the totals that it merges back to 0."""

    def merge(self, totals: Array, other: Array) -> None:
        totals += other
        other[...] = 0


BUGS = [
    Bug(UnsignedDistance, "target-dtypes", "wrap", {"targets": "labels", "input_shapes": [(4,)]}),
    Bug(
        UnsignedDistance,
        "target-dtypes",
        "wrap",
        {"targets": "labels", "input_shapes": [(1,)], "prediction_range": (0.0, 1.0)},
    ),
    Bug(WholeDistances, "target-dtypes", "integers"),
    Bug(FirstHundred, "batches-equal-the-whole", "batches"),
    Bug(MergesIntoAName, "batches-equal-the-whole", "nothing was counted"),
    Bug(EmptiesTheOther, "batches-equal-the-whole", "read-only"),
]
