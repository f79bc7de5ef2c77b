"""The mean of squared differences."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from layerkit.errors import ShapeError
from layerkit.interfaces.context import Context
from layerkit.interfaces.metric import Metric
from layerkit.types import Array


@final
class MeanSquaredError(Metric):
    """Σ wᵢ (1/m Σⱼ (predictionᵢⱼ − targetᵢⱼ)²) / Σ wᵢ, for m outputs an example.

    Targets are shaped like the predictions. Under a mask, ``(batch, time)``, the mean of an example's squares is taken
    over the positions that count.
    """

    name = "mean_squared_error"

    def start(self) -> Array:
        return np.zeros(2)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        if target.shape != prediction.shape:
            raise ShapeError(
                f"MeanSquaredError: targets {target.shape} and predictions {prediction.shape} must have one shape: "
                "give numbers, or one-hot rows, and measure labels by Accuracy"
            )
        squares = np.square(prediction - target, dtype=np.float64)
        mask = ctx.mask_over(prediction)
        counts = np.ones(squares.shape) if mask is None else np.broadcast_to(mask, squares.shape)
        rows = squares.shape[0]
        counted = np.maximum(counts.reshape(rows, -1).sum(axis=1), 1)
        squares = (squares * counts).reshape(rows, -1).sum(axis=1) / counted
        totals[0] += float(np.dot(weights, squares))
        totals[1] += float(weights.sum())

    def result(self, totals: Array) -> float:
        return float(totals[0] / totals[1]) if totals[1] else math.nan
