"""How far confidence is from how often it is right."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from layerkit.arguments import check_integer
from layerkit.interfaces.context import Context
from layerkit.interfaces.metric import Metric
from layerkit.metrics.calibration_bins import binned, claims
from layerkit.metrics.probabilities import probabilities, require_probabilities
from layerkit.types import Array

_PARTS = 3
_USUAL = 10


@final
class CalibrationError(Metric):
    """The expected calibration error, Σ_b W_b / W · |mean pᵢ in b − share that is true in b|, between 0 and 1.

    Probabilities are put into ``bins`` of equal width, ((b − 1)/bins, b/bins], the first with 0; W_b is the weight in
    one. Of two classes p is the probability of class 1, as in scikit-learn's ``calibration_curve``; of more, the
    largest one, and true is what has that class; of labels, all of them are taken together. Predictions and targets are
    as in ``LogLoss``. Means of few examples are far from the truth by chance alone: it is never 0 for small data.

    Args:
        bins: how many there are, from 1 to a million; with another number than 10 it goes by a name such as
            ``calibration_error_15``.

    Raises:
        ArgumentError: ``bins`` is out of range.
        DataError: the outputs are no probabilities, or a target tells no class.

    Source: Naeini, Cooper and Hauskrecht, *Obtaining well calibrated probabilities using Bayesian binning*, 2015; Guo
    et al., *On calibration of modern neural networks*, 2017.

    >>> import numpy as np
    >>> from layerkit import BinaryCrossEntropy, CalibrationError, Dense, GradientDescent, Sequential, Trainer
    >>> model = Sequential([Dense(1)]).initialize(1, seed=0)
    >>> trainer = Trainer(model, cost=BinaryCrossEntropy(), optimizer=GradientDescent(0.1))
    >>> data = np.zeros((4, 1)), np.array([0, 1, 1, 1])
    >>> trainer.evaluate(data, metrics=[CalibrationError()])["calibration_error"]
    0.25
    """

    name = "calibration_error"
    bounds = (0.0, 1.0)

    def __init__(self, *, bins: int = _USUAL) -> None:
        check_integer(self, "bins", bins, minimum=1, maximum=10**6)
        self.bins = bins
        self.name = type(self).name if bins == _USUAL else f"{type(self).name}_{bins}"

    def start(self) -> Array:
        # for each bin the weight, the weighted probability, and the weight of what is true
        return np.zeros(_PARTS * self.bins)

    def check_target(self, target: Array, ctx: Context) -> None:
        require_probabilities("CalibrationError", ctx)
        self.require_decisions(target, ctx)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        found = probabilities("CalibrationError", prediction, target, weights, ctx)
        totals += binned(*claims(found), self.bins).ravel()

    def result(self, totals: Array) -> float:
        weight, chance, right = totals.reshape(_PARTS, self.bins)
        return float(np.abs(chance - right).sum() / weight.sum()) if weight.sum() else math.nan
