"""The hard sigmoid, and the clipping that it shares with hard swish."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.elementwise import Elementwise
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class HardSigmoid(Elementwise):
    """y = min(max(z + 3, 0), 6) / 6: a sigmoid of three straight pieces; y′ is ⅙ between −3 and 3, and 0 elsewhere.

    At ±3 themselves it is 0. PyTorch's and Keras 3's form; Keras 2 had 0.2 z + 0.5.

    Source: Courbariaux, Bengio and David, *BinaryConnect*, NeurIPS 2015; with these slopes, Howard et al., *Searching
    for MobileNetV3*, ICCV 2019.
    """

    kinks = (-3.0, 3.0)
    lowest = 0.0
    highest = 1.0

    def values(self, z: Array, scratch: Scratch) -> Array:
        return hard_sigmoid(z, scratch, "y")

    def slopes(self, z: Array, y: Array, scratch: Scratch) -> Array:
        return hard_sigmoid_slopes(z, scratch)


def hard_sigmoid(z: Array, scratch: Scratch, name: str) -> Array:
    """min(max(z + 3, 0), 6) / 6, as ``scratch(name, z.shape)``."""
    y = np.add(z, scratch.scalar("three", 3.0), out=scratch(name, z.shape))
    np.maximum(y, scratch.scalar("zero", 0.0), out=y)
    np.minimum(y, scratch.scalar("six", 6.0), out=y)
    return np.divide(y, scratch.scalar("six", 6.0), out=y)


def hard_sigmoid_slopes(z: Array, scratch: Scratch) -> Array:
    """⅙ between −3 and 3, else 0, as ``scratch("slope", z.shape)``."""
    slope = np.absolute(z, out=scratch("slope", z.shape))
    np.less(slope, scratch.scalar("three", 3.0), out=slope)
    return np.divide(slope, scratch.scalar("six", 6.0), out=slope)
