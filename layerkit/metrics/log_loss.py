"""How unlikely the truth was held to be."""

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
class LogLoss(Metric):
    """−Σ wᵢ ln pᵢ / Σ wᵢ, where pᵢ is the predicted probability of the class of targetᵢ; 0 is best.

    Predictions ``(batch, …, classes)``, or a single output, the probability of class 1; targets integer labels
    ``(batch, …)`` or rows like the predictions, whose largest value is the class. Of labels, of which an example may
    have several, the mean over labels of −ln of the probability of what is true of each. Under a mask, ``(batch,
    time)``, positions that do not count are left out. Probabilities are kept ε from 0 and 1, the ε of the predictions'
    dtype (2.2e-16 in float64, 1.2e-7 in float32), so that one wrong certainty is not infinite; rows are taken as they
    are, also where they do not add up to 1. Both as scikit-learn has it.

    Raises:
        DataError: the outputs are no probabilities, or a target tells no class.

    Source: Good, *Rational decisions*, 1952.

    >>> import numpy as np
    >>> from layerkit import BinaryCrossEntropy, Dense, GradientDescent, LogLoss, Sequential, Trainer
    >>> model = Sequential([Dense(1)]).initialize(1, seed=0)
    >>> trainer = Trainer(model, cost=BinaryCrossEntropy(), optimizer=GradientDescent(0.1), metrics=[LogLoss()])
    >>> round(trainer.evaluate((np.zeros((3, 1)), np.array([0, 1, 1])))["log_loss"], 5)
    0.69315
    """

    name = "log_loss"
    bounds = (0.0, inf)

    def start(self) -> Array:
        return np.zeros(2)

    def check_target(self, target: Array, ctx: Context) -> None:
        require_probabilities("LogLoss", ctx)
        self.require_decisions(target, ctx)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        chance, truth, each, labels = probabilities("LogLoss", prediction, target, weights, ctx)
        least = float(np.finfo(prediction.dtype).eps)
        chance = np.clip(chance, least, 1 - least)
        true = np.where(truth, chance, 1 - chance).T if labels else chance[truth][np.newaxis]
        losses = -np.log(true).mean(axis=0)
        totals[0] += float(each.dot(losses))
        totals[1] += float(each.sum())

    def result(self, totals: Array) -> float:
        return float(totals[0] / totals[1]) if totals[1] else math.nan
