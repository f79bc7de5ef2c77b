"""Hard swish."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.elementwise import Elementwise
from layerkit.activations.hard_sigmoid import hard_sigmoid, hard_sigmoid_slopes
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class HardSwish(Elementwise):
    """y = z · min(max(z + 3, 0), 6) / 6: 0 below −3, z above 3, a parabola between that is lowest at z = −1.5.

    y′ is 0 up to −3, z / 3 + ½ between, and 1 from 3 on.

    Source: Howard et al., *Searching for MobileNetV3*, ICCV 2019.
    """

    kinks = (-3.0, 3.0)
    monotonic = False
    lowest = -0.375

    def values(self, z: Array, scratch: Scratch) -> Array:
        return np.multiply(z, hard_sigmoid(z, scratch, "share"), out=scratch("y", z.shape))

    def slopes(self, z: Array, y: Array, scratch: Scratch) -> Array:
        slope = hard_sigmoid_slopes(z, scratch)
        np.multiply(slope, z, out=slope)
        return np.add(slope, scratch("share", z.shape), out=slope)
