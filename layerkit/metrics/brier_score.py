"""How far probabilities are from what came true."""

from __future__ import annotations

import math
from math import inf
from typing import final

import numpy as np

from layerkit.interfaces.context import Context
from layerkit.interfaces.metric import Metric
from layerkit.metrics.probabilities import probabilities, require_probabilities
from layerkit.types import Array


@final
class BrierScore(Metric):
    """Σ wᵢ Σ_c (pᵢ_c − [targetᵢ = c])² / Σ wᵢ; 0 is best.

    Of more than two classes it lies between 0 and 2; of two it is halved, (p − y)² for the probability p of class 1,
    and lies between 0 and 1, as is customary and as scikit-learn has it. Of labels, of which an example may have
    several, it is the mean of (p − y)² over labels. Predictions and targets are as in ``LogLoss``.

    Raises:
        DataError: the outputs are no probabilities, or a target tells no class.

    Source: Brier, *Verification of forecasts expressed in terms of probability*, 1950.

    >>> import numpy as np
    >>> from layerkit import BinaryCrossEntropy, BrierScore, Dense, GradientDescent, Sequential, Trainer
    >>> model = Sequential([Dense(1)]).initialize(1, seed=0)
    >>> trainer = Trainer(model, cost=BinaryCrossEntropy(), optimizer=GradientDescent(0.1), metrics=[BrierScore()])
    >>> trainer.evaluate((np.zeros((3, 1)), np.array([0, 1, 1])))["brier_score"]
    0.25
    """

    name = "brier_score"
    bounds = (0.0, inf)

    def start(self) -> Array:
        return np.zeros(2)

    def check_target(self, target: Array, ctx: Context) -> None:
        require_probabilities("BrierScore", ctx)
        self.require_decisions(target, ctx)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        chance, truth, each, labels = probabilities("BrierScore", prediction, target, weights, ctx)
        squares = np.square(chance - truth)
        found = squares.mean(axis=1) if labels or squares.shape[1] == 2 else squares.sum(axis=1)
        totals[0] += float(each.dot(found))
        totals[1] += float(each.sum())

    def result(self, totals: Array) -> float:
        return float(totals[0] / totals[1]) if totals[1] else math.nan
