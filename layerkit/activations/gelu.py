"""The Gaussian error linear unit."""

from __future__ import annotations

import math
from typing import final

import numpy as np

from layerkit.activations.elementwise import Elementwise
from layerkit.activations.exponentials import logistic
from layerkit.activations.normal_distribution import normal_distribution
from layerkit.arguments import check_boolean
from layerkit.constants import GELU_CUBIC, GELU_FACTOR, GELU_FURTHEST
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class GELU(Elementwise):
    """y = z Φ(z), Φ being the distribution function of the normal distribution; y′ = Φ(z) + z e^(−z²/2) / √(2π).

    The approximation is y = ½ z (1 + tanh(√(2/π) (z + 0.044715 z³))), with its own derivative; it is off by at most
    0.0005, and takes some two thirds of the time.

    Args:
        approximate: whether the approximation by tanh is used, as GPT-2 and BERT's first code did.

    Source: Hendrycks and Gimpel, *Gaussian error linear units*, 2016, arXiv:1606.08415.

    >>> import numpy as np
    >>> from layerkit import GELU, Sequential
    >>> Sequential([GELU()]).initialize(3, dtype="float64").predict(np.array([[-1.0, 0.0, 1.0]])).round(4)
    array([[-0.1587,  0.    ,  0.8413]])
    """

    monotonic = False

    def __init__(self, *, approximate: bool = False) -> None:
        check_boolean(self, "approximate", approximate)
        self.approximate = approximate
        self.lowest = -0.17004075057125407 if approximate else -0.16997120747990367

    def values(self, z: Array, scratch: Scratch) -> Array:
        y = scratch("y", z.shape)
        if not self.approximate:
            return np.multiply(z, normal_distribution(z, scratch, "share")[0], out=y)
        # σ ends above 0, so z ends as well
        np.maximum(z, scratch.scalar("other-furthest", -GELU_FURTHEST), out=y)
        return np.multiply(y, self._tanh_form(z, scratch), out=y)

    def slopes(self, z: Array, y: Array, scratch: Scratch) -> Array:
        slope, share = scratch("slope", z.shape), scratch("share", z.shape)
        if not self.approximate:
            np.multiply(z, scratch.scalar("peak", 1 / math.sqrt(2 * math.pi)), out=slope)
            np.multiply(slope, scratch("share-density", z.shape), out=slope)
            return np.add(slope, share, out=slope)
        # σ(u) + z σ(u) (1 − σ(u)) u′
        np.subtract(scratch.scalar("one", 1.0), share, out=slope)
        np.multiply(slope, y, out=slope)
        np.multiply(slope, scratch("steepness", z.shape), out=slope)
        return np.add(slope, share, out=slope)

    def _tanh_form(self, z: Array, scratch: Scratch) -> Array:
        """½ (1 + tanh(u / 2)) = σ(u), u = 2 √(2/π) (z + 0.044715 z³); ``"steepness"`` holds u′."""
        near, square = scratch("near", z.shape), scratch("steepness", z.shape)
        np.minimum(z, scratch.scalar("furthest", GELU_FURTHEST), out=near)
        np.maximum(near, scratch.scalar("other-furthest", -GELU_FURTHEST), out=near)
        np.multiply(near, near, out=square)
        inner = np.multiply(square, scratch.scalar("cubic", GELU_FACTOR * GELU_CUBIC), out=scratch("inner", z.shape))
        np.add(inner, scratch.scalar("factor", GELU_FACTOR), out=inner)
        np.multiply(inner, near, out=inner)
        np.multiply(square, scratch.scalar("cubic-slope", 3 * GELU_FACTOR * GELU_CUBIC), out=square)
        np.add(square, scratch.scalar("factor", GELU_FACTOR), out=square)
        return logistic(inner, scratch, "share")
