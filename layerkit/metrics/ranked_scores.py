"""Scores in order, with how much is positive and negative at each: what ROC and precision–recall are made of."""

from __future__ import annotations

import numpy as np

from layerkit.types import Array


def weights_of_scores(score: Array, weight: Array) -> tuple[Array, Array, Array]:
    """Each score that occurs, ascending, with the weight of positives and that of negatives that have it.

    ``score`` and ``weight`` are ``(n,)``, at least one; the weight of a negative is below 0.

    >>> [each.tolist() for each in weights_of_scores(np.array([0.5, 0.1, 0.5]), np.array([1.0, -1.0, -2.0]))]
    [[0.1, 0.5], [0.0, 1.0], [1.0, 2.0]]
    """
    order = np.argsort(score, kind="stable")
    score, weight = score[order], weight[order]
    first = np.flatnonzero(np.append(True, score[1:] != score[:-1]))
    positive = np.add.reduceat(np.maximum(weight, 0), first)
    negative = np.add.reduceat(np.maximum(-weight, 0), first)
    return score[first], positive, negative
