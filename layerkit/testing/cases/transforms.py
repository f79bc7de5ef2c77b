"""The cases of the built-in transforms."""

from __future__ import annotations

import math

import numpy as np

from layerkit.testing.case import Cases
from layerkit.testing.rigs.updates import SLICES
from layerkit.types import Array


def _clipped(parameters: Array, gradient: Array, rate: float) -> tuple[Array, Array]:
    return gradient * min(1.0, 1.0 / math.sqrt(float(gradient @ gradient))), parameters


def _decayed(parameters: Array, gradient: Array, rate: float) -> tuple[Array, Array]:
    decayed = parameters.copy()
    for place in SLICES:
        if "bias" not in place.tags:
            decayed[place.start : place.stop] *= 1 - rate * 0.1
    return gradient, decayed


def _bounded(parameters: Array, gradient: Array, rate: float) -> tuple[Array, Array]:
    return np.minimum(np.maximum(gradient, -0.5), 0.5), parameters


def _pulled(parameters: Array, gradient: Array, rate: float) -> tuple[Array, Array]:
    pulled = gradient.copy()
    for place in SLICES:
        if "bias" not in place.tags:
            pulled[place.start : place.stop] += 0.1 * parameters[place.start : place.stop]
    return pulled, parameters


def _shrunk(parameters: Array, gradient: Array, rate: float) -> tuple[Array, Array]:
    pulled = gradient.copy()
    for place in SLICES:
        if "bias" not in place.tags:
            pulled[place.start : place.stop] += 0.1 * np.sign(parameters[place.start : place.stop])
    return pulled, parameters


def _centered(parameters: Array, gradient: Array, rate: float) -> tuple[Array, Array]:
    centered = gradient.copy()
    for place in SLICES:
        if len(place.shape) == 2:
            matrix = gradient[place.start : place.stop].reshape(place.shape)
            centered[place.start : place.stop] = (matrix - matrix.sum(axis=0) / len(matrix)).ravel()
    return centered, parameters


def _shortened(parameters: Array, gradient: Array, rate: float) -> tuple[Array, Array]:
    found = parameters.copy()
    for each in SLICES:
        if len(each.shape) == 2:
            matrix = found[each.start : each.stop].reshape(each.shape)
            for place in range(matrix.shape[1]):
                matrix[:, place] *= min(1.0, 2.5 / math.sqrt(float(matrix[:, place] @ matrix[:, place])))
    return gradient, found


CLIP_NORM: Cases = ({"arguments": {"limit": 1.0}, "reference": _clipped},)
WEIGHT_DECAY: Cases = ({"arguments": {"rate": 0.1}, "reference": _decayed},)
CENTERED_GRADIENT: Cases = ({"reference": _centered},)
CLIP_VALUE: Cases = ({"arguments": {"limit": 0.5}, "reference": _bounded},)
EXPONENTIAL_AVERAGE: Cases = (
    {"arguments": {"decay": 0.5}, "bad_arguments": {"decay": [1.0, -0.1], "warm_up": ["yes"]}},
    {"arguments": {"decay": 0.9, "warm_up": True}},
)
GRADIENT_NOISE: Cases = ({"arguments": {"deviation": 0.1}},)
L1_PENALTY: Cases = ({"arguments": {"rate": 0.1}, "reference": _shrunk},)
L2_PENALTY: Cases = ({"arguments": {"rate": 0.1}, "reference": _pulled},)
LOOKAHEAD: Cases = ({"arguments": {"period": 1}}, {"arguments": {"period": 2, "alpha": 0.3}})
MAX_NORM: Cases = ({"arguments": {"limit": 2.5}, "reference": _shortened},)
