"""The area under the receiver operating characteristic."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from layerkit.errors import DataError
from layerkit.interfaces.class_targets import counted, require_told, true_classes
from layerkit.interfaces.context import Context
from layerkit.interfaces.metric import Metric
from layerkit.metrics.ranked_scores import weights_of_scores
from layerkit.types import Array

_LEAST = 1024


@final
class RocAuc(Metric):
    """The probability that a positive scores higher than a negative, P(s₊ > s₋) + ½ P(s₊ = s₋), between 0 and 1.

    The score is the single output, which need be no probability, or the second of two. Targets are 0 or 1, integers
    ``(batch, …)`` or rows like the predictions. Weights count; under a mask, ``(batch, time)``, positions that do not
    count are left out. It is exact, so totals hold the score of every example, with its weight: 16 bytes each. Batches
    are merged by putting them one behind the other. NaN where there are only positives, or only negatives.
    Probabilities that the model's dtype rounds to one number, as float32 does beyond logits of 17, are equal scores: a
    float64 model tells them apart.

    Raises:
        DataError: a target is neither 0 nor 1, or there are more than two outputs.

    Source: Fawcett, *An introduction to ROC analysis*, Pattern Recognition Letters 27, 2006.

    >>> import numpy as np
    >>> from layerkit import Dense, GradientDescent, Quadratic, RocAuc, Sequential, Trainer
    >>> model = Sequential([Dense(1)]).initialize(1, seed=0)
    >>> model.parameters["0.weight"][...] = 1
    >>> trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), metrics=[RocAuc()])
    >>> trainer.evaluate((np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([[0], [1], [0], [1]])))["roc_auc"]
    0.75
    """

    name = "roc_auc"
    bounds = (0.0, 1.0)

    def start(self) -> Array:
        # how many numbers are in use, then pairs: a score, and its weight, below 0 for a negative
        return np.zeros(1)

    def check_target(self, target: Array, ctx: Context) -> None:
        require_told("RocAuc", target, ctx)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> Array:
        outputs = prediction.shape[-1]
        if outputs > 2 or (outputs == 2 and ctx.decision.multi_label):
            raise DataError(
                f"RocAuc: the score is that of a single output, or of two classes, and the model has {outputs}: "
                "measure F1, or Accuracy where they exclude each other"
            )
        labels = true_classes("RocAuc", prediction, target, ctx)
        counts, each = counted(prediction, weights, ctx)
        used = each > 0
        positive = labels[counts][used] == 1
        pairs = np.stack([prediction[..., -1][counts][used], np.where(positive, each[used], -each[used])], axis=1)
        return _appended(totals, pairs.ravel())

    def merge(self, totals: Array, other: Array) -> Array:
        return _appended(totals, other[1 : 1 + int(other[0])])

    def result(self, totals: Array) -> float:
        score, weight = totals[1 : 1 + int(totals[0])].reshape(-1, 2).T
        if not len(score) or np.isnan(score).any():
            return math.nan
        _, positive, negative = weights_of_scores(score, weight)
        pairs = float(positive.sum() * negative.sum())
        # of equal scores, half of the negatives count as below
        below = np.cumsum(negative) - negative / 2
        return float(positive.dot(below)) / pairs if pairs else math.nan


def _appended(totals: Array, numbers: Array) -> Array:
    """The totals with more numbers, in the same array while they fit; room is doubled, so many batches are no worse."""
    used = 1 + int(totals[0])
    needed = used + len(numbers)
    if needed > len(totals):
        grown = np.zeros(max(needed, 2 * len(totals), _LEAST))
        grown[:used] = totals[:used]
        totals = grown
    totals[used:needed] = numbers
    totals[0] = needed - 1
    return totals
