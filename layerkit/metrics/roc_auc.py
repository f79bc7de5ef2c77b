"""The area under the receiver operating characteristic."""

from __future__ import annotations

import math
from typing import Literal, final

import numpy as np

from layerkit.arguments import check_choice
from layerkit.errors import ArgumentError, DataError
from layerkit.interfaces.class_targets import counted, require_told, require_yes_or_no, true_classes
from layerkit.interfaces.context import Context
from layerkit.interfaces.metric import Metric
from layerkit.metrics.ranked_scores import weights_of_scores
from layerkit.types import Array

_LEAST = 1024
_HEAD = 2


@final
class RocAuc(Metric):
    """The probability that a positive scores higher than a negative, P(s₊ > s₋) + ½ P(s₊ = s₋), between 0 and 1.

    The score is the single output, which need be no probability, or the second of two classes. Of more classes each
    output is the score of its class, against the examples of all others (``"ovr"``) or, for each two classes, of the
    one against those of the other (``"ovo"``, the mean of both ways); of labels of which several may hold, each output
    is that of its label. What remains is the mean of those areas that there are: a class or label that all examples
    have, or none, has no area.

    Targets are 0 or 1, integers ``(batch, …)`` or rows like the predictions. Weights count; under a mask,
    ``(batch, time)``, positions that do not count are left out. It is exact, so totals hold the scores of every
    example, with its weight: 16 bytes an output. Batches are merged by putting them one behind the other. NaN where
    there is no area. Probabilities that the model's dtype rounds to one number, as float32 does beyond logits of 17,
    are equal scores: a float64 model tells them apart.

    Args:
        average: over the areas of classes or labels: ``"macro"``, each counts the same; ``"weighted"``, each by the
            weight of its positives (of two classes, by that of both); ``"micro"``, one area of all outputs together.
        multi_class: of more than two classes, ``"ovr"``, one against the rest, or ``"ovo"``, one against one, which
            the shares of the classes leave as it is.

    Raises:
        ArgumentError: there is no such average or comparison, or they do not go together (``"micro"``, ``"ovo"``).
        DataError: a target tells no class, or a label of several is neither 0 nor 1, or ``"ovo"`` meets labels.

    Source: Fawcett, *An introduction to ROC analysis*, Pattern Recognition Letters 27, 2006; Hand and Till, *A simple
    generalisation of the area under the ROC curve for multiple class classification problems*, Machine Learning 45,
    2001 (one against one).

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

    def __init__(
        self,
        *,
        average: Literal["macro", "micro", "weighted"] = "macro",
        multi_class: Literal["ovr", "ovo"] = "ovr",
    ) -> None:
        check_choice(self, "average", average, ("macro", "micro", "weighted"))
        check_choice(self, "multi_class", multi_class, ("ovr", "ovo"))
        if (average, multi_class) == ("micro", "ovo"):
            raise ArgumentError(
                "RocAuc: average='micro' takes all outputs together, and multi_class='ovo' two classes at a time: take "
                "average='macro' or 'weighted', or multi_class='ovr'"
            )
        self.average = average
        self.multi_class = multi_class
        differing = (("ovo", multi_class == "ovo"), (average, average != "macro"))
        self.name = "_".join([type(self).name, *(word for word, differs in differing if differs)])

    def start(self) -> Array:
        # how many numbers are in use, and how many outputs have a score; then a row an example: the score of each
        # output, and for each the example's weight, below 0 for a negative
        return np.zeros(_HEAD)

    def check_target(self, target: Array, ctx: Context) -> None:
        if ctx.decision.multi_label and ctx.prediction_shape[-1:] != (1,):
            self._require_rest()
            if target.ndim > len(ctx.prediction_shape):
                require_yes_or_no("RocAuc", target, ctx)
        else:
            require_told("RocAuc", target, ctx)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> Array:
        outputs = prediction.shape[-1]
        if outputs > 1 and ctx.decision.multi_label:
            self._require_rest()
            if target.shape == prediction.shape:
                require_yes_or_no("RocAuc", target, ctx)
                positive = target == 1
            else:
                positive = true_classes("RocAuc", prediction, target, ctx)[..., np.newaxis] == np.arange(outputs)
        else:
            labels = true_classes("RocAuc", prediction, target, ctx)
            positive = labels[..., np.newaxis] == (np.arange(outputs) if outputs > 2 else 1)
        counts, each = counted(prediction, weights, ctx)
        used = each > 0
        # of two classes, the second alone has a score
        positive = positive[counts][used]
        scores = prediction[..., -positive.shape[-1] :][counts][used]
        signed = np.where(positive, each[used][:, np.newaxis], -each[used][:, np.newaxis])
        return _appended(totals, np.concatenate([scores, signed], axis=1).ravel(), positive.shape[-1])

    def merge(self, totals: Array, other: Array) -> Array:
        return _appended(totals, other[_HEAD : _HEAD + int(other[0])], int(other[1]))

    def result(self, totals: Array) -> float:
        used, outputs = int(totals[0]), int(totals[1])
        if not used:
            return math.nan
        rows = totals[_HEAD : _HEAD + used].reshape(-1, 2, outputs)
        scores, weights = rows[:, 0], rows[:, 1]
        if np.isnan(scores).any():
            return math.nan
        if self.average == "micro":
            return _area(scores.ravel(), weights.ravel())
        if self.multi_class == "ovo" and outputs > 1:
            areas, shares = _of_pairs(scores, weights)
        else:
            areas = np.array([_area(*column) for column in zip(scores.T, weights.T, strict=True)])
            shares = np.maximum(weights, 0).sum(axis=0)
        there = ~np.isnan(areas)
        if not there.any():
            return math.nan
        parts = shares[there] if self.average == "weighted" else np.ones(there.sum())
        return float(areas[there] @ (parts / parts.sum()))

    def _require_rest(self) -> None:
        if self.multi_class == "ovo":
            raise DataError(
                "RocAuc: multi_class='ovo' compares classes that exclude each other, and here an example may have "
                "several labels: take multi_class='ovr'"
            )


def _of_pairs(scores: Array, weights: Array) -> tuple[Array, Array]:
    """For each two classes that there are the mean of both areas, and the weight of both."""
    there = np.flatnonzero((weights > 0).any(axis=0))
    of_class = [weights[:, column] > 0 for column in range(weights.shape[1])]
    areas, shares = [], []
    for place, one in enumerate(there):
        for other in there[place + 1 :]:
            rows = of_class[one] | of_class[other]
            both = [_area(scores[rows, column], weights[rows, column]) for column in (one, other)]
            areas.append(sum(both) / 2)
            shares.append(np.abs(weights[rows, one]).sum())
    return np.array(areas), np.array(shares)


def _area(score: Array, weight: Array) -> float:
    """The area of scores with weights, those of negatives below 0; NaN if there are only positives or negatives."""
    _, positive, negative = weights_of_scores(score, weight)
    pairs = float(positive.sum() * negative.sum())
    # of equal scores, half of the negatives count as below
    below = np.cumsum(negative) - negative / 2
    return float(positive.dot(below)) / pairs if pairs else math.nan


def _appended(totals: Array, numbers: Array, outputs: int) -> Array:
    """The totals with more numbers, in the same array while they fit; room is doubled, so many batches are no worse."""
    used = _HEAD + int(totals[0])
    needed = used + len(numbers)
    if needed > len(totals):
        grown = np.zeros(max(needed, 2 * len(totals), _LEAST))
        grown[:used] = totals[:used]
        totals = grown
    totals[used:needed] = numbers
    totals[0] = needed - _HEAD
    totals[1] = max(totals[1], outputs)
    return totals
