"""The uniform initializer."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.errors import ArgumentError
from layerkit.interfaces.initializer import Initializer
from layerkit.types import Array, DType


@final
class Uniform(Initializer):
    """Every number between ``low`` and ``high`` as likely as any other; ±0.05 unless said.

    Args:
        low: the lowest number.
        high: the highest number, at least ``low``.

    >>> Uniform(-0.1, 0.1)
    Uniform(low=-0.1, high=0.1)
    """

    def __init__(self, low: float = -0.05, high: float = 0.05) -> None:
        check_number(self, "low", low)
        check_number(self, "high", high)
        if high < low:
            raise ArgumentError(f"Uniform: high must be at least low, got low={low!r} and high={high!r}")
        self.low = low
        self.high = high

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        return rng.uniform(self.low, self.high, shape).astype(dtype)
