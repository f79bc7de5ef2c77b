"""How much of a class is found."""

from __future__ import annotations

from typing import final

from layerkit.metrics.class_counts import ratio
from layerkit.metrics.class_scores import ClassScore
from layerkit.types import Array


@final
class Recall(ClassScore):
    """True positives / all positives: Σ wᵢ [predictedᵢ and thereᵢ] / Σ wᵢ [thereᵢ]; sensitivity, the hit rate.

    What predicts a class, and which targets and averages there are, is as in ``Precision``. Where there is no positive,
    the recall is 0.

    Args:
        average: over the classes: ``"binary"``, the score of class 1 of two; ``"macro"``, their mean, each class that
            is there or predicted counting the same; ``"weighted"``, each by how often it is there; ``"micro"``, of all
            counts together; ``"auto"``, binary for two classes and macro for more, or for labels.

    Raises:
        ArgumentError: there is no such average.
        DataError: a single output is no probability, a target tells no class, or ``"binary"`` meets several classes.

    Source: van Rijsbergen, *Information Retrieval*, 1979, chapter 7.

    >>> import numpy as np
    >>> from layerkit import Dense, GradientDescent, Quadratic, Recall, Sequential, Sigmoid, Trainer
    >>> model = Sequential([Dense(1, activation=Sigmoid())]).initialize(1, seed=0)
    >>> model.parameters["0.weight"][...] = 1
    >>> trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), metrics=[Recall()])
    >>> trainer.evaluate((np.array([[3.0], [2.0], [1.0], [-1.0]]), np.array([[1], [0], [0], [1]])))["recall"]
    0.5
    """

    name = "recall"
    bounds = (0.0, 1.0)

    def score(self, hits: Array, predicted: Array, there: Array) -> Array:
        return ratio(hits, there)
