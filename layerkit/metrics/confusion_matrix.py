"""What is taken for what, as a metric."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, final

import numpy as np

from layerkit.interfaces.context import Context
from layerkit.interfaces.metric import Metric
from layerkit.metrics.confusion import Confusion
from layerkit.types import Array

_HEAD = 3


@final
class ConfusionMatrix(Metric):
    """How much of each class was taken for each class, Cₜₚ = Σ wᵢ [targetᵢ = t and predictedᵢ = p].

    ``evaluate`` gives it as a ``Confusion``: ``counts``, the names of ``classes``, shares by ``normalized``, a table as
    text. Histories hold numbers and leave it out; as a number it is the share on the diagonal. What predicts a class,
    and which targets there are, is as in ``Precision``; of labels each has a matrix ``(2, 2)`` of its own. Under a
    mask, ``(batch, time)``, positions that do not count are left out.

    Raises:
        DataError: a single output is no probability, or a target tells no class.

    >>> import numpy as np
    >>> from layerkit import ConfusionMatrix, CrossEntropy, Dense, Examples, GradientDescent, Sequential, Trainer
    >>> model = Sequential([Dense(2)]).initialize(2, seed=0)
    >>> model.parameters["0.weight"][...] = np.eye(2)
    >>> trainer = Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), metrics=[ConfusionMatrix()])
    >>> data = Examples(np.array([[2.0, 1], [1, 2], [3, 1]]), np.array(["cat", "dog", "dog"]))
    >>> print(trainer.evaluate(data)["confusion"])
    rows: the true class, columns: taken for
         cat  dog     right
    cat    1    .  100.00 %
    dog    1    1   50.00 %
    """

    name = "confusion"
    in_history: ClassVar[bool] = False

    def start(self) -> Array:
        # the weight of all that counts, how many classes there are, whether they are labels
        return np.zeros(_HEAD)

    def check_target(self, target: Array, ctx: Context) -> None:
        self.require_decisions(target, ctx)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> Array:
        found, truth, each = self.decisions(prediction, target, weights, ctx)
        labels = found.ndim > 1
        classes = found.shape[1] if labels else max(prediction.shape[-1], 2)
        if labels:
            places = (np.arange(classes) * 2 + truth) * 2 + found
            cells = 4 * classes
            counts = np.bincount(places.ravel(), np.repeat(each, classes), minlength=cells)
        else:
            cells = classes * classes
            counts = np.bincount(truth * classes + found, each, minlength=cells)
        return self.merge(totals, np.concatenate([[each.sum(), classes, labels], counts]))

    def merge(self, totals: Array, other: Array) -> Array:
        if len(totals) == _HEAD or len(other) == _HEAD:
            return (other if len(totals) == _HEAD else totals).copy()
        totals[0] += other[0]
        totals[_HEAD:] += other[_HEAD:]
        return totals

    def result(self, totals: Array) -> float:
        if not totals[0]:
            return math.nan
        counts = self.report(totals, None).counts
        return float(np.trace(counts, axis1=-2, axis2=-1).sum() / counts.sum())

    def report(self, totals: Array, classes: Sequence[str] | None) -> Confusion:
        count, labels = int(totals[1]), bool(totals[2])
        return Confusion(totals[_HEAD:].reshape((count, 2, 2) if labels else (count, count)).copy(), classes)
