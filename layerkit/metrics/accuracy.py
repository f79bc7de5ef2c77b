"""How often the largest output is the right class."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from layerkit.interfaces.class_targets import counted
from layerkit.interfaces.context import Context
from layerkit.interfaces.metric import Metric
from layerkit.types import Array


@final
class Accuracy(Metric):
    """Σ wᵢ [argmax predictionᵢ = class of targetᵢ] / Σ wᵢ, between 0 and 1.

    Predictions ``(batch, …, classes)``; targets integer labels ``(batch, …)`` or rows like the predictions, of 0 and 1
    or probabilities, whose largest value is the class; rows of other numbers tell none. Under a mask, ``(batch,
    time)``, positions that do not count are left out. The first of equal outputs counts as the largest.

    A single output is the probability of class 1: above the model's threshold, ½ unless it has another, it predicts
    that class. Its targets are 0 or 1, ``(batch, …)`` or shaped like the predictions.

    Raises:
        DataError: a single output is no probability, for neither readout nor last activation keep it between 0 and 1;
            a target of it is neither 0 nor 1; or a row tells no class, or several.
    """

    name = "accuracy"
    bounds = (0.0, 1.0)

    def start(self) -> Array:
        return np.zeros(2)

    def check_target(self, target: Array, ctx: Context) -> None:
        self.require_classes(target, ctx)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        found, labels = self.classes(prediction, target, ctx)
        counts, each = counted(prediction, weights, ctx)
        totals[0] += float((each * (found == labels)[counts]).sum())
        totals[1] += float(each.sum())

    def result(self, totals: Array) -> float:
        return float(totals[0] / totals[1]) if totals[1] else math.nan
