"""What precision, recall and F1 have in common: counts of each class, and an average over classes."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Literal, TypeAlias

import numpy as np

from layerkit.arguments import check_choice
from layerkit.errors import DataError
from layerkit.interfaces.context import Context
from layerkit.interfaces.metric import Metric
from layerkit.types import Array

Average: TypeAlias = Literal["auto", "binary", "macro", "micro", "weighted"]
_AVERAGES = ("auto", "binary", "macro", "micro", "weighted")
_HEAD = 2


class ClassScore(Metric):
    """A score that follows from how often each class is predicted, is there, and both.

    Totals are the weight of all that was counted, whether it was labels of which an example may have several, and for
    each class the weights of hits (predicted and there), of what was predicted and of what was there. A score whose
    denominator is 0 is 0.
    """

    def __init__(self, *, average: Average = "auto") -> None:
        check_choice(self, "average", average, _AVERAGES)
        self.average = average
        own = type(self).name
        self.name = own if average in ("auto", "binary") else f"{own}_{average}"

    @abstractmethod
    def score(self, hits: Array, predicted: Array, there: Array) -> Array:
        """The score of each class, 0 where it is not defined."""

    def start(self) -> Array:
        return np.zeros(_HEAD)

    def check_target(self, target: Array, ctx: Context) -> None:
        self.require_decisions(target, ctx)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> Array | None:
        found, truth, each = self.decisions(prediction, target, weights, ctx)
        classes = max(prediction.shape[-1], 2)
        labels = found.ndim > 1
        if self.average == "binary" and (labels or classes > 2):
            raise DataError(
                f"{type(self).__name__}: average='binary' is the score of class 1 of two, and the model has {classes} "
                f"{'labels' if labels else 'classes'}: take 'macro', 'micro' or 'weighted'"
            )
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
        counts = totals[_HEAD:].reshape(3, -1)
        binary = not labels and counts.shape[1] == 2
        if self.average == "micro":
            return float(self.score(*counts.sum(axis=1, keepdims=True))[0])
        scores = self.score(*counts)
        if self.average == "binary" or (self.average == "auto" and binary):
            return float(scores[1])
        _, predicted, there = counts
        # a class that was neither there nor predicted says nothing; each label is one that may hold
        parts = there if self.average == "weighted" else np.maximum((predicted + there) > 0, labels)
        return float(scores.dot(parts) / parts.sum()) if parts.sum() else 0.0


def ratio(part: Array, whole: Array) -> Array:
    """``part / whole``, 0 where ``whole`` is."""
    return np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)
