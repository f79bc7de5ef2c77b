"""What precision, recall and F1 have in common: a score of each class, and an average over classes."""

from __future__ import annotations

from abc import abstractmethod
from typing import Literal, TypeAlias

import numpy as np

from layerkit.arguments import check_choice
from layerkit.errors import DataError
from layerkit.metrics.class_counts import ClassCounts
from layerkit.types import Array

Average: TypeAlias = Literal["auto", "binary", "macro", "micro", "weighted"]
_AVERAGES = ("auto", "binary", "macro", "micro", "weighted")


class ClassScore(ClassCounts):
    """A score of each class, and an average of them. A score whose denominator is 0 is 0."""

    def __init__(self, *, average: Average = "auto") -> None:
        check_choice(self, "average", average, _AVERAGES)
        self.average = average
        own = type(self).name
        self.name = own if average in ("auto", "binary") else f"{own}_{average}"

    @abstractmethod
    def score(self, hits: Array, predicted: Array, there: Array) -> Array:
        """The score of each class, 0 where it is not defined."""

    def refuse(self, classes: int, *, labels: bool) -> None:
        if self.average == "binary" and (labels or classes > 2):
            raise DataError(
                f"{type(self).__name__}: average='binary' is the score of class 1 of two, and the model has {classes} "
                f"{'labels' if labels else 'classes'}: take 'macro', 'micro' or 'weighted'"
            )

    def of_counts(self, hits: Array, predicted: Array, there: Array, *, labels: bool) -> float:
        if self.average == "micro":
            sums = (each.sum(keepdims=True) for each in (hits, predicted, there))
            return float(self.score(*sums)[0])
        scores = self.score(hits, predicted, there)
        if self.average == "binary" or (self.average == "auto" and not labels and len(scores) == 2):
            return float(scores[1])
        # a class that was neither there nor predicted says nothing; each label is one that may hold
        parts = there if self.average == "weighted" else np.maximum((predicted + there) > 0, labels)
        return float(scores.dot(parts) / parts.sum()) if parts.sum() else 0.0
