"""How often the right class is among the likeliest."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from layerkit.arguments import check_integer
from layerkit.errors import DataError
from layerkit.interfaces.class_targets import counted, true_classes
from layerkit.interfaces.context import Context
from layerkit.interfaces.metric import Metric
from layerkit.types import Array


@final
class TopKAccuracy(Metric):
    """Σ wᵢ [class of targetᵢ is among the k largest outputs] / Σ wᵢ, between 0 and 1.

    Predictions ``(batch, …, classes)``, probabilities or logits; targets integer labels ``(batch, …)`` or rows like the
    predictions. Under a mask, ``(batch, time)``, positions that do not count are left out. Of equal outputs the first
    count as the largest, so ``k=1`` is ``Accuracy`` (scikit-learn takes the last). With ``k`` of at least the number of
    classes it is 1.

    Args:
        k: how many of the classes count as found, at least 1.

    Raises:
        ArgumentError: ``k`` is less than 1.
        DataError: there is a single output, or an example has several classes.

    >>> import numpy as np
    >>> from layerkit import CrossEntropy, Dense, GradientDescent, Sequential, TopKAccuracy, Trainer
    >>> model = Sequential([Dense(3)]).initialize(3, seed=0)
    >>> model.parameters["0.weight"][...] = np.eye(3)
    >>> trainer = Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), metrics=[TopKAccuracy(2)])
    >>> trainer.evaluate((np.array([[3.0, 2, 1], [3, 2, 1]]), np.array([1, 2])))["top_2_accuracy"]
    0.5
    """

    bounds = (0.0, 1.0)

    def __init__(self, k: int = 5) -> None:
        check_integer(self, "k", k, minimum=1)
        self.k = k
        self.name = f"top_{k}_accuracy"

    def start(self) -> Array:
        return np.zeros(2)

    def check_target(self, target: Array, ctx: Context) -> None:
        if ctx.prediction_shape[-1:] == (1,):
            raise DataError(
                "TopKAccuracy: the model has a single output, so there are two classes at most: measure Accuracy"
            )
        self.require_classes(target, ctx)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        labels = true_classes("TopKAccuracy", prediction, target, ctx)
        counts, each = counted(prediction, weights, ctx)
        outputs, labels = prediction[counts], labels[counts].astype(np.intp)
        own = np.take_along_axis(outputs, labels[:, None], axis=1)
        earlier = np.arange(outputs.shape[1]) < labels[:, None]
        # how many outputs come before it: larger ones, and equal ones of classes in front of it
        before = (outputs > own).sum(axis=1) + ((outputs == own) & earlier).sum(axis=1)
        totals[0] += float(each[before < self.k].sum())
        totals[1] += float(each.sum())

    def result(self, totals: Array) -> float:
        return float(totals[0] / totals[1]) if totals[1] else math.nan
