"""The continuously differentiable exponential linear unit."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.elementwise import Elementwise
from layerkit.activations.exponentials import exponential_minus_one
from layerkit.arguments import check_number
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class CELU(Elementwise):
    """y = max(z, 0) + alpha · (e^(min(z, 0) / alpha) − 1); the derivative is e^(min(z, 0) / alpha), without a kink.

    Args:
        alpha: how far below 0 the outputs go, above 0; with 1 it is ``ELU()``.

    Source: Barron, *Continuously differentiable exponential linear units*, 2017, arXiv:1704.07483.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        check_number(self, "alpha", alpha, above=0)
        self.alpha = alpha
        self.lowest = -float(alpha)

    def values(self, z: Array, scratch: Scratch) -> Array:
        zero, alpha = scratch.scalar("zero", 0.0), scratch.scalar("alpha", self.alpha)
        below = np.minimum(z, zero, out=scratch("below", z.shape))
        np.divide(below, alpha, out=below)
        part = exponential_minus_one(below, scratch, "part")
        np.multiply(part, alpha, out=part)
        y = np.maximum(z, zero, out=scratch("y", z.shape))
        return np.add(y, part, out=y)

    def slopes(self, z: Array, y: Array, scratch: Scratch) -> Array:
        return np.exp(scratch("below", z.shape), out=scratch("slope", z.shape))
