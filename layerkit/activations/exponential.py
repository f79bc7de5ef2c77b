"""The exponential function."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.elementwise import Elementwise
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class Exponential(Elementwise):
    """y = eᶻ, always above 0, which is its own derivative: the readout of costs on the logarithm of a rate, as Poisson.

    Above z ≈ 88 the result is more than float32 holds (709 in float64): infinity, and training stops with an error
    that names the layer.

    Source: McCullagh and Nelder, *Generalized linear models*, 1989, section 2.2 (the logarithmic link).
    """

    lowest = 0.0

    def values(self, z: Array, scratch: Scratch) -> Array:
        return np.exp(z, out=scratch("y", z.shape))

    def slopes(self, z: Array, y: Array, scratch: Scratch) -> Array:
        # a copy, for the output is what the next layer reads
        slope = scratch("slope", z.shape)
        np.copyto(slope, y)
        return slope
