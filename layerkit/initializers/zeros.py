"""Zeros."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.interfaces.initializer import Initializer
from layerkit.types import Array, DType


@final
class Zeros(Initializer):
    """0 everywhere: the default of biases."""

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        return np.zeros(shape, dtype)
