"""Mish."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.elementwise import Elementwise
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array

_STRAIGHT = 25.0
"""From here on y is z to the last digit."""


@final
class Mish(Elementwise):
    """y = z tanh(log(1 + eᶻ)). Lowest at z ≈ −1.192, with y ≈ −0.309.

    With n = eᶻ (eᶻ + 2), tanh(log(1 + eᶻ)) = n / (n + 2), and y′ = n / (n + 2) + 4 z eᶻ (1 + eᶻ) / (n + 2)².

    Source: Misra, *Mish: a self regularized non-monotonic activation function*, BMVC 2020.
    """

    monotonic = False
    lowest = -0.30884341301725044

    def values(self, z: Array, scratch: Scratch) -> Array:
        two = scratch.scalar("two", 2.0)
        power, sum_, share = scratch("power", z.shape), scratch("sum", z.shape), scratch("share", z.shape)
        np.minimum(z, scratch.scalar("straight", _STRAIGHT), out=power)
        np.exp(power, out=power)
        np.add(power, two, out=share)
        np.multiply(share, power, out=share)
        np.add(share, two, out=sum_)
        np.divide(share, sum_, out=share)
        return np.multiply(z, share, out=scratch("y", z.shape))

    def slopes(self, z: Array, y: Array, scratch: Scratch) -> Array:
        power, sum_, slope = scratch("power", z.shape), scratch("sum", z.shape), scratch("slope", z.shape)
        np.add(power, scratch.scalar("one", 1.0), out=slope)
        np.multiply(slope, power, out=slope)
        # divided twice, for the square of the sum is too large for float32
        np.divide(slope, sum_, out=slope)
        np.divide(slope, sum_, out=slope)
        near = np.minimum(z, scratch.scalar("straight", _STRAIGHT), out=scratch("near", z.shape))
        np.multiply(near, scratch.scalar("four", 4.0), out=near)
        np.multiply(slope, near, out=slope)
        return np.add(slope, scratch("share", z.shape), out=slope)
