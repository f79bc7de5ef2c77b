"""The correlation of predicted and true classes."""

from __future__ import annotations

import math
from typing import final

from layerkit.errors import DataError
from layerkit.metrics.class_counts import ClassCounts
from layerkit.types import Array


@final
class MatthewsCorrelation(ClassCounts):
    """The correlation of predicted and true classes, φ of two, R_K of several, from −1 to 1; chance is at 0.

    With the weight s of all examples, c of those that are right, and, for each class, t of those of it and p of those
    predicted so: (c s − Σ t p) / √((s² − Σ p²) (s² − Σ t²)). 0 where one class alone is there, or predicted. What
    predicts a class, and which targets there are, is as in ``Precision``.

    Raises:
        DataError: a single output is no probability, a target tells no class, or an example may have several labels.

    Source: Matthews, *Comparison of the predicted and observed secondary structure of T4 phage lysozyme*, 1975;
    Gorodkin, *Comparing two K-category assignments by a K-category correlation coefficient*, 2004.

    >>> import numpy as np
    >>> from layerkit import Dense, GradientDescent, MatthewsCorrelation, Quadratic, Sequential, Sigmoid, Trainer
    >>> model = Sequential([Dense(1, activation=Sigmoid())]).initialize(1, seed=0)
    >>> model.parameters["0.weight"][...] = 1
    >>> trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), metrics=[MatthewsCorrelation()])
    >>> data = np.array([[-3.0], [-2.0], [1.0], [1.0]]), np.array([[0], [0], [0], [1]])
    >>> round(trainer.evaluate(data)["matthews_correlation"], 4)
    0.5774
    """

    name = "matthews_correlation"
    bounds = (-1.0, 1.0)

    def refuse(self, classes: int, *, labels: bool) -> None:
        if labels:
            raise DataError(
                "MatthewsCorrelation: it is one of classes that exclude each other, and these are labels: measure F1"
            )

    def of_counts(self, hits: Array, predicted: Array, there: Array, *, labels: bool) -> float:
        whole = there.sum()
        # shares: weights may be of any size
        right, predicted, there = hits.sum() / whole, predicted / whole, there / whole
        spread = max(1 - predicted.dot(predicted), 0.0) * max(1 - there.dot(there), 0.0)
        if max(predicted.max(), there.max()) >= 1 or not spread:
            return 0.0
        return float((right - there.dot(predicted)) / math.sqrt(spread))
