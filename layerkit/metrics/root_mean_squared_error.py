"""The root of the mean of squared differences."""

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
class RootMeanSquaredError(Metric):
    """1/m Σⱼ √(Σ wᵢ (predictionᵢⱼ − targetᵢⱼ)² / Σ wᵢ), for m outputs an example; in the targets' own units.

    Of several outputs each has a root of its own, and the roots are averaged, as scikit-learn does; so the square of
    this is ``MeanSquaredError`` for a single output alone. Targets are shaped like the predictions. Under a mask,
    ``(batch, time)``, the mean of an example's squares is taken over the positions that count.

    Raises:
        ShapeError: targets and predictions have two shapes.

    >>> import numpy as np
    >>> from layerkit import Dense, GradientDescent, Quadratic, RootMeanSquaredError, Sequential, Trainer
    >>> model = Sequential([Dense(1)]).initialize(1, seed=0)
    >>> trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), metrics=[RootMeanSquaredError()])
    >>> trainer.evaluate((np.zeros((2, 1)), np.array([1.0, -7.0])))["root_mean_squared_error"]
    5.0
    """

    name = "root_mean_squared_error"
    bounds = (0.0, inf)

    def start(self) -> Array:
        # the weight, then a sum for each output, of which the first batch shows how many there are
        return np.zeros(1)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> Array | None:
        squares = output_errors("RootMeanSquaredError", prediction, target, ctx, np.square)
        return self.merge(totals, np.concatenate([[weights.sum()], weights @ squares]))

    def merge(self, totals: Array, other: Array) -> Array | None:
        if len(totals) == 1 or len(other) == 1:
            return (other if len(totals) == 1 else totals).copy()
        totals += other
        return None

    def result(self, totals: Array) -> float:
        return float(np.sqrt(totals[1:] / totals[0]).mean()) if totals[0] else math.nan
