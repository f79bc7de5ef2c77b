"""The rectified linear unit that ends at 6."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.elementwise import Elementwise
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class ReLU6(Elementwise):
    """y = min(max(z, 0), 6); the derivative is 1 between 0 and 6, and 0 elsewhere, also at 0 and 6 themselves.

    Source: Krizhevsky, *Convolutional deep belief networks on CIFAR-10*, 2010.
    """

    kinks = (0.0, 6.0)
    lowest = 0.0
    highest = 6.0

    def values(self, z: Array, scratch: Scratch) -> Array:
        y = np.maximum(z, scratch.scalar("zero", 0.0), out=scratch("y", z.shape))
        return np.minimum(y, scratch.scalar("six", 6.0), out=y)

    def slopes(self, z: Array, y: Array, scratch: Scratch) -> Array:
        slope = np.greater(y, scratch.scalar("zero", 0.0), out=scratch("slope", z.shape))
        below = np.less(y, scratch.scalar("six", 6.0), out=scratch("below", z.shape, np.dtype(bool)))
        return np.multiply(slope, below, out=slope)
