"""The initializer contract: first values of parameters and state."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from layerkit.interfaces.configurable import Configurable
from layerkit.types import Array, DType


class Initializer(Configurable, ABC):
    """Draws the first values of an array."""

    @abstractmethod
    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        """An array of ``shape`` and ``dtype``; random numbers come from ``rng`` alone.

        ``fan_in`` and ``fan_out`` are what the layer said; where it said nothing, the first and the last axis's length
        (1 for an array without axes). Both are at least 1, also for an array with an axis of length 0.
        """
