"""The leaky rectified linear unit."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.elementwise import Elementwise
from layerkit.arguments import check_number
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class LeakyReLU(Elementwise):
    """y = max(z, a z): z above 0, and a small part of it below, where a gradient still comes through.

    The derivative is 1 for z > 0 and a otherwise, also at 0 itself. ``PReLU`` learns a.

    Args:
        negative_slope: a, from 0 to 1; PyTorch's default is 0.01, Keras's 0.3.

    Source: Maas, Hannun and Ng, *Rectifier nonlinearities improve neural network acoustic models*, ICML 2013.

    >>> import numpy as np
    >>> from layerkit import LeakyReLU, Sequential
    >>> Sequential([LeakyReLU(0.1)]).initialize(3, dtype="float64").predict(np.array([[-2.0, 0.0, 3.0]]))
    array([[-0.2,  0. ,  3. ]])
    """

    kinks = (0.0,)

    def __init__(self, negative_slope: float = 0.01) -> None:
        check_number(self, "negative_slope", negative_slope, minimum=0, maximum=1)
        self.negative_slope = negative_slope

    def values(self, z: Array, scratch: Scratch) -> Array:
        y = np.multiply(z, scratch.scalar("negative", self.negative_slope), out=scratch("y", z.shape))
        return np.maximum(z, y, out=y)

    def slopes(self, z: Array, y: Array, scratch: Scratch) -> Array:
        slope = np.greater(z, scratch.scalar("zero", 0.0), out=scratch("slope", z.shape))
        return np.maximum(slope, scratch.scalar("negative", self.negative_slope), out=slope)
