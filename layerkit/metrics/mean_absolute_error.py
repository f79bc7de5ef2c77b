"""The mean of absolute differences."""

from __future__ import annotations

import math
from math import inf
from typing import final

import numpy as np

from layerkit.interfaces.context import Context
from layerkit.interfaces.metric import Metric
from layerkit.metrics.output_errors import output_errors
from layerkit.types import Array


@final
class MeanAbsoluteError(Metric):
    """Σ wᵢ (1/m Σⱼ |predictionᵢⱼ − targetᵢⱼ|) / Σ wᵢ, for m outputs an example; in the targets' own units.

    Targets are shaped like the predictions. Under a mask, ``(batch, time)``, the mean of an example's differences is
    taken over the positions that count.

    Raises:
        ShapeError: targets and predictions have two shapes.

    >>> import numpy as np
    >>> from layerkit import Dense, GradientDescent, MeanAbsoluteError, Quadratic, Sequential, Trainer
    >>> model = Sequential([Dense(1)]).initialize(1, seed=0)
    >>> trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), metrics=[MeanAbsoluteError()])
    >>> trainer.evaluate((np.zeros((2, 1)), np.array([1.0, -3.0])))["mean_absolute_error"]
    2.0
    """

    name = "mean_absolute_error"
    bounds = (0.0, inf)

    def start(self) -> Array:
        return np.zeros(2)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        errors = output_errors("MeanAbsoluteError", prediction, target, ctx, np.abs).mean(axis=1)
        totals[0] += float(np.dot(weights, errors))
        totals[1] += float(weights.sum())

    def result(self, totals: Array) -> float:
        return float(totals[0] / totals[1]) if totals[1] else math.nan
