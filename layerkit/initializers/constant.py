"""One value everywhere."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.interfaces.initializer import Initializer
from layerkit.types import Array, DType


@final
class Constant(Initializer):
    """The same value everywhere.

    Args:
        value: that value.
    """

    def __init__(self, value: float) -> None:
        check_number(self, "value", value)
        self.value = value

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        return np.full(shape, self.value, dtype)
