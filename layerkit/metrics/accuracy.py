"""How often the largest output is the right class."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from layerkit.errors import ShapeError
from layerkit.interfaces.context import Context
from layerkit.interfaces.metric import Metric
from layerkit.types import Array


@final
class Accuracy(Metric):
    """Σ wᵢ [argmax predictionᵢ = class of targetᵢ] / Σ wᵢ, between 0 and 1.

    Predictions ``(batch, …, classes)``; targets integer labels ``(batch, …)`` or rows like the predictions, whose
    largest value is the class. Under a mask, ``(batch, time)``, positions that do not count are left out. The first
    of equal outputs counts as the largest.
    """

    name = "accuracy"

    def start(self) -> Array:
        return np.zeros(2)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        labels = target.argmax(axis=-1) if target.shape == prediction.shape else target
        found = prediction.argmax(axis=-1)
        if labels.shape != found.shape:
            raise ShapeError(
                f"Accuracy: targets {target.shape} fit predictions {prediction.shape} neither as labels nor as rows"
            )
        each = weights.reshape(-1, *[1] * (found.ndim - 1)) * np.ones(found.shape)
        mask = ctx.mask_over(prediction)
        if mask is not None:
            each = each * mask[..., 0]
        totals[0] += float((each * (found == labels)).sum())
        totals[1] += float(each.sum())

    def result(self, totals: Array) -> float:
        return float(totals[0] / totals[1]) if totals[1] else math.nan
