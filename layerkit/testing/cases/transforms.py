"""The cases of the built-in transforms."""

from __future__ import annotations

import math

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


CLIP_NORM: Cases = ({"arguments": {"limit": 1.0}, "reference": _clipped},)
WEIGHT_DECAY: Cases = ({"arguments": {"rate": 0.1}, "reference": _decayed},)
