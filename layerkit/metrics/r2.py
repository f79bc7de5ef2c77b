"""How much of the targets' variance is explained."""

from __future__ import annotations

import math
from math import inf
from typing import final

import numpy as np

from layerkit.interfaces.class_targets import counted
from layerkit.interfaces.context import Context
from layerkit.interfaces.metric import Metric
from layerkit.metrics.output_errors import require_same_shape
from layerkit.types import Array


@final
class R2(Metric):
    """The coefficient of determination, 1/m Σⱼ (1 − Σ wᵢ (targetᵢⱼ − predictionᵢⱼ)² / Σ wᵢ (targetᵢⱼ − meanⱼ)²).

    1 is best; the mean of the targets, for every example, has 0, and what is worse is below. Targets are shaped like
    the predictions, of m outputs on the last axis; each position of a sequence is an example with the weight of its
    sequence, and under a mask, ``(batch, time)``, those that do not count are left out. Where an output's targets are
    all the same, it has 1 if they are predicted exactly, else 0, as scikit-learn has it; so has a single example, of
    which scikit-learn has NaN. Sums go around running means, so no digit is lost to targets far from 0.

    Raises:
        ShapeError: targets and predictions have two shapes.

    Source: Draper and Smith, *Applied regression analysis*, 1966; Chan, Golub and LeVeque, *Updating formulae and a
    pairwise algorithm for computing sample variances*, 1979.

    >>> import numpy as np
    >>> from layerkit import Dense, GradientDescent, Quadratic, R2, Sequential, Trainer
    >>> model = Sequential([Dense(1)]).initialize(1, seed=0)
    >>> model.parameters["0.weight"][...] = 1
    >>> trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), metrics=[R2()])
    >>> trainer.evaluate((np.array([[1.0], [2.0], [3.0]]), np.array([1.0, 2.0, 4.0])))["r2"]
    0.7857142857142857
    """

    name = "r2"
    bounds = (-inf, 1.0)

    def start(self) -> Array:
        # the weight, then for each output the mean, the squares around it, and those of the differences
        return np.zeros(1)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> Array:
        require_same_shape("R2", prediction, target)
        if prediction.ndim == 1:
            prediction, target = prediction[:, None], target[:, None]
        counts, each = counted(prediction, weights, ctx)
        weight = float(each.sum())
        if not weight:
            return totals
        found, truth = prediction[counts].astype(np.float64), target[counts].astype(np.float64)
        # from the first on, so that the mean of equal numbers is that number
        first = truth[0]
        mean = first + each @ (truth - first) / weight
        return self.merge(
            totals,
            np.concatenate([[weight], mean, each @ np.square(truth - mean), each @ np.square(truth - found)]),
        )

    def merge(self, totals: Array, other: Array) -> Array:
        if len(totals) == 1 or len(other) == 1:
            return (other if len(totals) == 1 else totals).copy()
        share = other[0] / (totals[0] + other[0])
        (mean, squares, errors), (others_mean, others_squares, others_errors) = (
            each[1:].reshape(3, -1) for each in (totals, other)
        )
        apart = others_mean - mean
        squares += others_squares + apart**2 * (totals[0] * share)
        mean += apart * share
        errors += others_errors
        totals[0] += other[0]
        return totals

    def result(self, totals: Array) -> float:
        if not totals[0]:
            return math.nan
        _, squares, errors = totals[1:].reshape(3, -1)
        shares = np.divide(errors, squares, out=(errors > 0).astype(np.float64), where=squares > 0)
        return float(np.mean(1 - shares))
