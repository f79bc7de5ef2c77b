"""How often the largest output is the right class."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from layerkit.errors import DataError, ShapeError
from layerkit.interfaces.context import Context
from layerkit.interfaces.metric import Metric
from layerkit.types import Array

_THRESHOLD = 0.5


@final
class Accuracy(Metric):
    """Σ wᵢ [argmax predictionᵢ = class of targetᵢ] / Σ wᵢ, between 0 and 1.

    Predictions ``(batch, …, classes)``; targets integer labels ``(batch, …)`` or rows like the predictions, whose
    largest value is the class. Under a mask, ``(batch, time)``, positions that do not count are left out. The first
    of equal outputs counts as the largest.

    A single output is the probability of class 1: above ½ it predicts that class. Its targets are 0 or 1,
    ``(batch, …)`` or shaped like the predictions.

    Raises:
        DataError: a single output is no probability, for neither readout nor last activation keep it between 0 and 1;
            or a target of it is neither 0 nor 1.
    """

    name = "accuracy"

    def start(self) -> Array:
        return np.zeros(2)

    def check_target(self, target: Array, ctx: Context) -> None:
        if ctx.prediction_shape[-1:] == (1,):
            _checked_classes(target, len(ctx.prediction_shape) + 1, ctx)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        if prediction.shape[-1] == 1:
            labels = _checked_classes(target, prediction.ndim, ctx)
            found = (prediction[..., 0] > _THRESHOLD).astype(labels.dtype)
        else:
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


def _checked_classes(target: Array, axes: int, ctx: Context) -> Array:
    """The targets of a single output, a probability, with one axis less than the ``axes`` of predictions."""
    lowest, highest = ctx.prediction_range
    if lowest < 0 or highest > 1:
        raise DataError(
            "Accuracy: a single output must be a probability, and nothing keeps this one between 0 and 1 (its range is "
            f"{lowest:g} to {highest:g}): end the network with Sigmoid, give it one output a class, or, where the "
            "targets are numbers, measure MeanSquaredError"
        )
    labels = target[..., 0] if target.ndim == axes and target.shape[-1] == 1 else target
    wrong = (labels != 0) & (labels != 1)
    mask = ctx.mask_over(labels[..., np.newaxis])
    if mask is not None:
        wrong &= mask[..., 0]
    if wrong.any():
        place = tuple(map(int, np.argwhere(wrong)[0]))
        raise DataError(
            f"Accuracy: targets of a single output must be 0 or 1, got {labels[place]} in row {place[0]}: give the "
            "network one output a class where there are more, or measure MeanSquaredError where they are numbers"
        )
    return labels
