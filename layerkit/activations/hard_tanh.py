"""The hard hyperbolic tangent."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.elementwise import Elementwise
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class HardTanh(Elementwise):
    """y = min(max(z, −1), 1); the derivative is 1 between −1 and 1, and 0 elsewhere, also at ±1 themselves.

    Source: Collobert, *Large scale machine learning*, PhD thesis, 2004.
    """

    kinks = (-1.0, 1.0)
    lowest = -1.0
    highest = 1.0

    def values(self, z: Array, scratch: Scratch) -> Array:
        y = np.maximum(z, scratch.scalar("minus", -1.0), out=scratch("y", z.shape))
        return np.minimum(y, scratch.scalar("one", 1.0), out=y)

    def slopes(self, z: Array, y: Array, scratch: Scratch) -> Array:
        slope = np.absolute(z, out=scratch("slope", z.shape))
        return np.less(slope, scratch.scalar("one", 1.0), out=slope)
