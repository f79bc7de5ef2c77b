"""How often a yes or no is right."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from layerkit.errors import DataError
from layerkit.interfaces.context import Context
from layerkit.interfaces.metric import Metric
from layerkit.types import Array


@final
class BinaryAccuracy(Metric):
    """Σ wᵢ (1/m Σⱼ [yes or noᵢⱼ = targetᵢⱼ]) / Σ wᵢ over m labels of an example, between 0 and 1.

    A probability is a yes above the model's threshold, ½ unless it has another. Of a single output, or of two classes,
    this is ``Accuracy``; of a model that takes several labels for an example (``BinaryCrossEntropy``, targets like the
    predictions) the share of labels that are right, 1 − Hamming loss. Under a mask, ``(batch, time)``, positions that
    do not count are left out.

    Raises:
        DataError: a single output is no probability, a target is neither 0 nor 1, or there are more than two classes
            that exclude each other.

    >>> import numpy as np
    >>> from layerkit import BinaryAccuracy, BinaryCrossEntropy, Dense, GradientDescent, Sequential, Trainer
    >>> model = Sequential([Dense(2)]).initialize(2, seed=0)
    >>> model.parameters["0.weight"][...] = np.eye(2)
    >>> trainer = Trainer(model, cost=BinaryCrossEntropy(), optimizer=GradientDescent(0.1), metrics=[BinaryAccuracy()])
    >>> trainer.evaluate((np.array([[1.0, 1.0], [-1.0, 1.0]]), np.array([[1, 1], [0, 0]])))["binary_accuracy"]
    0.75
    """

    name = "binary_accuracy"
    bounds = (0.0, 1.0)

    def start(self) -> Array:
        return np.zeros(2)

    def check_target(self, target: Array, ctx: Context) -> None:
        self.require_decisions(target, ctx)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        found, truth, each = self.decisions(prediction, target, weights, ctx)
        if truth.ndim == 1 and prediction.shape[-1] > 2:
            raise DataError(
                f"BinaryAccuracy: the model has {prediction.shape[-1]} classes, of which an example has one: measure "
                "Accuracy; or give rows of 0 and 1 to a model that takes several labels, by BinaryCrossEntropy"
            )
        right = found == truth
        totals[0] += float(each.dot(right if right.ndim == 1 else right.mean(axis=1)))
        totals[1] += float(each.sum())

    def result(self, totals: Array) -> float:
        return float(totals[0] / totals[1]) if totals[1] else math.nan
