"""LeCun's normal initializer."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from layerkit.interfaces.initializer import Initializer
from layerkit.types import Array, DType


@final
class LeCun(Initializer):
    """Normal with mean 0 and variance 1 / fan_in, which suits layers in front of tanh and SELU.

    Source: LeCun et al., *Efficient backprop*, 1998; Klambauer et al., *Self-normalizing neural networks*, NeurIPS
    2017.

    >>> LeCun()
    LeCun()
    """

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        return rng.normal(0.0, math.sqrt(1 / max(fan_in, 1)), shape).astype(dtype)
