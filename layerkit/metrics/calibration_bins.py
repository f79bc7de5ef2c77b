"""Probabilities in bins of equal width, beside how often what they are of is true."""

from __future__ import annotations

import numpy as np

from layerkit.metrics.probabilities import Probabilities
from layerkit.types import Array


def claims(found: Probabilities) -> tuple[Array, Array, Array]:
    """What is claimed with which probability, whether it is true, and its weight, ``(n,)`` each.

    Of two classes class 1, of more the likeliest, of labels each.
    """
    chance, truth, each, labels = found
    if labels:
        return chance.ravel(), truth.ravel(), np.repeat(each, chance.shape[1])
    if chance.shape[1] == 2:
        return chance[:, 1], truth[:, 1], each
    place = chance.argmax(axis=1)[:, None]
    chance, truth = (np.take_along_axis(array, place, axis=1)[:, 0] for array in (chance, truth))
    return chance, truth, each


def binned(chance: Array, right: Array, weights: Array, bins: int) -> Array:
    """``(3, bins)``: for each bin the weight, the weighted probability, and the weight of what is true.

    A bin is ((b − 1)/bins, b/bins], the first with 0.
    """
    places = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], chance)
    amounts = weights, weights * chance, weights * right
    return np.stack([np.bincount(places, amount, minlength=bins) for amount in amounts])
