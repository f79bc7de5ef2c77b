"""Counts of each class, from which scores of classes follow."""

from __future__ import annotations

import math
from abc import abstractmethod

import numpy as np

from layerkit.interfaces.context import Context
from layerkit.interfaces.metric import Metric
from layerkit.types import Array

_HEAD = 2


class ClassCounts(Metric):
    """A score that follows from how often each class is predicted, is there, and both.

    Totals are the weight of all that was counted, whether it was labels of which an example may have several, and for
    each class the weights of hits (predicted and there), of what was predicted and of what was there.
    """

    @abstractmethod
    def refuse(self, classes: int, *, labels: bool) -> None:
        """Refuse so many classes, or labels, where they have no such score.

        Raises:
            DataError: they have none.
        """

    @abstractmethod
    def of_counts(self, hits: Array, predicted: Array, there: Array, *, labels: bool) -> float:
        """The score of the weights for each class, of which some are above 0."""

    def start(self) -> Array:
        return np.zeros(_HEAD)

    def check_target(self, target: Array, ctx: Context) -> None:
        self.require_decisions(target, ctx)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> Array | None:
        found, truth, each = self.decisions(prediction, target, weights, ctx)
        classes = max(prediction.shape[-1], 2)
        labels = found.ndim > 1
        self.refuse(classes, labels=labels)
        if labels:
            counts = np.stack([each @ (found & truth), each @ found, each @ truth])
        else:
            hit = found == truth
            parts = ((found[hit], each[hit]), (found, each), (truth, each))
            counts = np.stack([np.bincount(part, weight, minlength=classes) for part, weight in parts])
        return self.merge(totals, np.concatenate([[each.sum(), float(labels)], counts.ravel()]))

    def merge(self, totals: Array, other: Array) -> Array | None:
        if len(other) > len(totals):
            grown = np.zeros(len(other))
            grown[:_HEAD] = totals[:_HEAD]
            totals = grown
        if len(other) > _HEAD:
            totals[_HEAD:] += other[_HEAD:]
        totals[0] += other[0]
        totals[1] = max(totals[1], other[1])
        return totals

    def result(self, totals: Array) -> float:
        weight, labels = totals[:_HEAD]
        if not weight:
            return math.nan
        return self.of_counts(*totals[_HEAD:].reshape(3, -1), labels=bool(labels))


def ratio(part: Array, whole: Array) -> Array:
    """``part / whole``, 0 where ``whole`` is."""
    return np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)
