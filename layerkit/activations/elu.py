"""The exponential linear unit."""

from __future__ import annotations

from typing import final

from layerkit.activations.elementwise import Elementwise
from layerkit.activations.exponential_linear import exponential_linear, exponential_linear_slopes
from layerkit.arguments import check_number
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class ELU(Elementwise):
    """y = z above 0, and alpha · (eᶻ − 1) below: smooth for alpha = 1, and never below −alpha.

    The derivative is 1 for z > 0 and alpha · eᶻ otherwise, also at 0 itself.

    Args:
        alpha: how far below 0 the outputs go, above 0.

    Source: Clevert, Unterthiner and Hochreiter, *Fast and accurate deep network learning by exponential linear units*,
    ICLR 2016.

    >>> import numpy as np
    >>> from layerkit import ELU, Sequential
    >>> Sequential([ELU()]).initialize(3, dtype="float64").predict(np.array([[-np.log(2), 0.0, 3.0]]))
    array([[-0.5,  0. ,  3. ]])
    """

    kinks = (0.0,)

    def __init__(self, alpha: float = 1.0) -> None:
        check_number(self, "alpha", alpha, above=0)
        self.alpha = alpha
        self.lowest = -float(alpha)

    def values(self, z: Array, scratch: Scratch) -> Array:
        return exponential_linear(z, scratch, alpha=self.alpha, scale=1.0)

    def slopes(self, z: Array, y: Array, scratch: Scratch) -> Array:
        return exponential_linear_slopes(z, scratch, alpha=self.alpha, scale=1.0)
