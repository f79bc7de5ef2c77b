"""The mean of squared differences."""

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
class MeanSquaredError(Metric):
    """Σ wᵢ (1/m Σⱼ (predictionᵢⱼ − targetᵢⱼ)²) / Σ wᵢ, for m outputs an example.

    Targets are shaped like the predictions. Under a mask, ``(batch, time)``, the mean of an example's squares is taken
    over the positions that count.

    Raises:
        ShapeError: targets and predictions have two shapes.
    """

    name = "mean_squared_error"
    bounds = (0.0, inf)

    def start(self) -> Array:
        return np.zeros(2)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        squares = output_errors("MeanSquaredError", prediction, target, ctx, np.square).mean(axis=1)
        totals[0] += float(np.dot(weights, squares))
        totals[1] += float(weights.sum())

    def result(self, totals: Array) -> float:
        return float(totals[0] / totals[1]) if totals[1] else math.nan
