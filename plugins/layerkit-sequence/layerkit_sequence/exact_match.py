"""How often a whole sequence is right."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from layerkit import Context, Metric
from layerkit.types import Array


@final
class ExactMatch(Metric):
    """Σ wᵢ [argmax predictionᵢₜ = class of targetᵢₜ at every step t] / Σ wᵢ, between 0 and 1.

    Predictions ``(batch, time, classes)``; targets integer labels ``(batch, time)`` or rows like the predictions, whose
    largest value is the class. A single output is the probability of class 1, as for ``Accuracy``. Steps that the mask
    leaves out need not match.

    Raises:
        DataError: a single output is no probability, or a target of it is neither 0 nor 1.
    """

    name = "exact_match"

    def start(self) -> Array:
        return np.zeros(2)

    def check_target(self, target: Array, ctx: Context) -> None:
        self.require_classes(target, ctx)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        found, labels = self.classes(prediction, target, ctx)
        same = found == labels
        mask = ctx.mask_over(prediction)
        if mask is not None:
            same |= ~mask[..., 0]
        right = same.reshape(len(same), -1).all(axis=1)
        totals[0] += float(weights[right].sum())
        totals[1] += float(weights.sum())

    def result(self, totals: Array) -> float:
        return float(totals[0] / totals[1]) if totals[1] else math.nan
