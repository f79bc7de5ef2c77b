"""The harmonic mean of precision and recall."""

from __future__ import annotations

from typing import final

from layerkit.metrics.class_counts import ratio
from layerkit.metrics.class_scores import ClassScore
from layerkit.types import Array


@final
class F1(ClassScore):
    """2 · precision · recall / (precision + recall) = 2 Σ wᵢ [predictedᵢ and thereᵢ] / Σ wᵢ ([predictedᵢ] + [thereᵢ]).

    What predicts a class, and which targets and averages there are, is as in ``Precision``. The average is one over the
    F1 of classes. Where a class is neither there nor predicted, its F1 is 0.

    Args:
        average: over the classes: ``"binary"``, the score of class 1 of two; ``"macro"``, their mean, each class that
            is there or predicted counting the same; ``"weighted"``, each by how often it is there; ``"micro"``, of all
            counts together; ``"auto"``, binary for two classes and macro for more, or for labels.

    Raises:
        ArgumentError: there is no such average.
        DataError: a single output is no probability, a target tells no class, or ``"binary"`` meets several classes.

    Source: van Rijsbergen, *Information Retrieval*, 1979, chapter 7.

    >>> import numpy as np
    >>> from layerkit import Dense, F1, GradientDescent, Quadratic, Sequential, Sigmoid, Trainer
    >>> model = Sequential([Dense(1, activation=Sigmoid())]).initialize(1, seed=0)
    >>> model.parameters["0.weight"][...] = 1
    >>> trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), metrics=[F1()])
    >>> trainer.evaluate((np.array([[3.0], [2.0], [1.0], [-1.0]]), np.array([[1], [1], [0], [1]])))["f1"]
    0.6666666666666666
    """

    name = "f1"
    bounds = (0.0, 1.0)

    def score(self, hits: Array, predicted: Array, there: Array) -> Array:
        return ratio(2 * hits, predicted + there)
