"""Glorot's uniform initializer."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from layerkit.interfaces.initializer import Initializer
from layerkit.types import Array, DType


@final
class Glorot(Initializer):
    """Uniform in ±√(6 / (fan_in + fan_out)), of variance 2 / (fan_in + fan_out): the default of weights.

    Source: Glorot and Bengio, *Understanding the difficulty of training deep feedforward neural networks*, AISTATS
    2010.
    """

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        limit = math.sqrt(6 / max(fan_in + fan_out, 1))
        return rng.uniform(-limit, limit, shape).astype(dtype)
