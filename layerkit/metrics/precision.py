"""How much of what is predicted to be of a class is of that class."""

from __future__ import annotations

from typing import final

from layerkit.metrics.class_counts import ratio
from layerkit.metrics.class_scores import ClassScore
from layerkit.types import Array


@final
class Precision(ClassScore):
    """True positives / all that was predicted positive: Σ wᵢ [predictedᵢ and thereᵢ] / Σ wᵢ [predictedᵢ].

    A single output is the probability of class 1, predicted above the model's threshold, ½ unless it has another. Of
    several outputs the largest is the class; under ``BinaryCrossEntropy``, with targets like the predictions, each is a
    label that may hold. Targets are integer labels ``(batch, …)`` or rows of 0 and 1. Under a mask, ``(batch, time)``,
    positions that do not count are left out. Where nothing was predicted positive, the precision is 0.

    Args:
        average: over the classes: ``"binary"``, the score of class 1 of two; ``"macro"``, their mean, each class that
            is there or predicted counting the same; ``"weighted"``, each by how often it is there; ``"micro"``, of all
            counts together; ``"auto"``, binary for two classes and macro for more, or for labels.

    Raises:
        ArgumentError: there is no such average.
        DataError: a single output is no probability, a target tells no class, or ``"binary"`` meets several classes.

    Source: van Rijsbergen, *Information Retrieval*, 1979, chapter 7.

    >>> import numpy as np
    >>> from layerkit import Dense, GradientDescent, Precision, Quadratic, Sequential, Sigmoid, Trainer
    >>> model = Sequential([Dense(1, activation=Sigmoid())]).initialize(1, seed=0)
    >>> model.parameters["0.weight"][...] = 1
    >>> trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), metrics=[Precision()])
    >>> trainer.evaluate((np.array([[3.0], [2.0], [1.0], [-1.0]]), np.array([[1], [1], [0], [1]])))["precision"]
    0.6666666666666666
    """

    name = "precision"
    bounds = (0.0, 1.0)

    def score(self, hits: Array, predicted: Array, there: Array) -> Array:
        return ratio(hits, predicted)
