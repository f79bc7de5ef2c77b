"""Softsign."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.elementwise import Elementwise
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class Softsign(Elementwise):
    """y = z / (1 + |z|), between −1 and 1; y′ = 1 / (1 + |z|)². It levels off more slowly than tanh.

    Source: Glorot and Bengio, *Understanding the difficulty of training deep feedforward neural networks*, AISTATS
    2010.
    """

    lowest = -1.0
    highest = 1.0

    def values(self, z: Array, scratch: Scratch) -> Array:
        inverse, one = scratch("inverse", z.shape), scratch.scalar("one", 1.0)
        np.absolute(z, out=inverse)
        np.add(inverse, one, out=inverse)
        y = np.divide(z, inverse, out=scratch("y", z.shape))
        np.divide(one, inverse, out=inverse)
        return y

    def slopes(self, z: Array, y: Array, scratch: Scratch) -> Array:
        inverse = scratch("inverse", z.shape)
        return np.multiply(inverse, inverse, out=scratch("slope", z.shape))
