"""First values that pass on what comes in."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.interfaces.initializer import Initializer
from layerkit.types import Array, DType


@final
class IdentityMatrix(Initializer):
    """``gain`` on the diagonal, 0 elsewhere; of a matrix that is not square, on the diagonal of its first square.

    An array of ``(…, columns)`` is a matrix of all its other axes' places as rows.

    Args:
        gain: the number on the diagonal.

    Source: Le, Jaitly and Hinton, *A simple way to initialize recurrent networks of rectified linear units*, 2015.

    >>> IdentityMatrix(0.5)
    IdentityMatrix(gain=0.5)
    """

    def __init__(self, gain: float = 1.0) -> None:
        check_number(self, "gain", gain)
        self.gain = gain

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        columns = shape[-1] if shape else 1
        rows = math.prod(shape) // columns if columns else 0
        return (self.gain * np.eye(rows, columns)).reshape(shape).astype(dtype)
