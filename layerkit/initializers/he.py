"""He's normal initializer."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from layerkit.interfaces.initializer import Initializer
from layerkit.types import Array, DType


@final
class He(Initializer):
    """Normal with mean 0 and variance 2 / fan_in, which suits layers in front of a ReLU.

    Source: He et al., *Delving deep into rectifiers*, ICCV 2015.
    """

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        return rng.normal(0.0, math.sqrt(2 / max(fan_in, 1)), shape).astype(dtype)
