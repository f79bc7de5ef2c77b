"""How often each class is right, all classes counting the same."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.errors import DataError
from layerkit.metrics.class_counts import ClassCounts
from layerkit.types import Array


@final
class BalancedAccuracy(ClassCounts):
    """The mean recall of the k classes that are there, 1/k Σ_c Σ wᵢ [predictedᵢ = targetᵢ = c] / Σ wᵢ [targetᵢ = c].

    A guess that is always the same has 1/k, however often the classes occur. What predicts a class, and which targets
    there are, is as in ``Precision``. A class that is predicted and never there does not count; where one class alone
    is there, this is its recall.

    Raises:
        DataError: a single output is no probability, a target tells no class, or an example may have several labels.

    Source: Brodersen et al., *The balanced accuracy and its posterior distribution*, ICPR, 2010.

    >>> import numpy as np
    >>> from layerkit import BalancedAccuracy, Dense, GradientDescent, Quadratic, Sequential, Sigmoid, Trainer
    >>> model = Sequential([Dense(1, activation=Sigmoid())]).initialize(1, seed=0)
    >>> model.parameters["0.weight"][...] = 1
    >>> trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), metrics=[BalancedAccuracy()])
    >>> data = np.array([[-3.0], [-2.0], [1.0], [1.0]]), np.array([[0], [0], [0], [1]])
    >>> round(trainer.evaluate(data)["balanced_accuracy"], 4)
    0.8333
    """

    name = "balanced_accuracy"
    bounds = (0.0, 1.0)

    def refuse(self, classes: int, *, labels: bool) -> None:
        if labels:
            raise DataError(
                "BalancedAccuracy: it weighs classes that exclude each other, and these are labels: measure "
                "Recall(average='macro') or BinaryAccuracy"
            )

    def of_counts(self, hits: Array, predicted: Array, there: Array, *, labels: bool) -> float:
        known = there > 0
        return float(np.mean(hits[known] / there[known]))
