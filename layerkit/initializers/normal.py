"""The normal initializer."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.interfaces.initializer import Initializer
from layerkit.types import Array, DType


@final
class Normal(Initializer):
    """Normal with the given mean and standard deviation; N(0, 1), the assignment's, by default.

    Args:
        deviation: the standard deviation, at least 0.
        mean: the mean.
    """

    def __init__(self, deviation: float = 1.0, *, mean: float = 0.0) -> None:
        check_number(self, "deviation", deviation, minimum=0)
        check_number(self, "mean", mean)
        self.deviation = deviation
        self.mean = mean

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        return rng.normal(self.mean, self.deviation, shape).astype(dtype)
