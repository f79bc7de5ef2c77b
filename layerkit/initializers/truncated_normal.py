"""The normal initializer without far values."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.interfaces.initializer import Initializer
from layerkit.types import Array, DType

_BOUND = 2.0
# the standard deviation of N(0, 1) cut at ± 2: √(1 − 2 · 2 φ(2) / (2 Φ(2) − 1))
_NARROWED = math.sqrt(
    1 - 2 * _BOUND * math.exp(-(_BOUND**2) / 2) / math.sqrt(2 * math.pi) / math.erf(_BOUND / math.sqrt(2))
)


@final
class TruncatedNormal(Initializer):
    """Normal, cut at two standard deviations of the uncut distribution, and widened to have the given one.

    Args:
        deviation: the standard deviation of what is drawn, at least 0.
        mean: the mean.

    >>> TruncatedNormal(0.02)
    TruncatedNormal(deviation=0.02)
    """

    def __init__(self, deviation: float = 1.0, *, mean: float = 0.0) -> None:
        check_number(self, "deviation", deviation, minimum=0)
        check_number(self, "mean", mean)
        self.deviation = deviation
        self.mean = mean

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        found = truncated_normal(rng, shape, deviation=self.deviation)
        found += self.mean
        return found.astype(dtype)


def truncated_normal(rng: np.random.Generator, shape: tuple[int, ...], *, deviation: float) -> Array:
    """Numbers of mean 0 and this standard deviation, none further than 2.27 of it from 0, in float64."""
    found = np.asarray(rng.standard_normal(shape))
    while (far := np.abs(found) > _BOUND).any():
        found[far] = rng.standard_normal(int(far.sum()))
    found *= deviation / _NARROWED
    return found
