"""First values of which most are 0."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.interfaces.initializer import Initializer
from layerkit.types import Array, DType


@final
class Sparse(Initializer):
    """Of the weights that lead to a unit, the given part is 0; the others are normal with mean 0.

    An array of ``(…, units)`` is a matrix with its last axis as columns; in each column as many places are 0 as
    ``zeros`` says, rounded up, drawn anew for each.

    Args:
        zeros: the part that is 0, 0 ≤ zeros < 1.
        deviation: the standard deviation of the others, at least 0.

    Source: Martens, *Deep learning via Hessian-free optimization*, ICML 2010.

    >>> Sparse(0.9, deviation=0.1)
    Sparse(0.9, deviation=0.1)
    """

    def __init__(self, zeros: float, *, deviation: float = 0.01) -> None:
        check_number(self, "zeros", zeros, minimum=0, below=1)
        check_number(self, "deviation", deviation, minimum=0)
        self.zeros = zeros
        self.deviation = deviation

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        columns = shape[-1] if shape else 1
        rows = math.prod(shape) // columns if columns else 0
        values = rng.normal(0.0, self.deviation, (rows, columns))
        # the places of the smallest of as many random numbers: each choice as likely as any other
        places = rng.random((rows, columns)).argsort(axis=0)[: math.ceil(self.zeros * rows)]
        np.put_along_axis(values, places, 0.0, axis=0)
        return values.reshape(shape).astype(dtype)
