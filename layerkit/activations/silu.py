"""The sigmoid linear unit."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.elementwise import Elementwise
from layerkit.activations.exponentials import logistic
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class SiLU(Elementwise):
    """y = z σ(z), also called Swish; y′ = σ(z) + y (1 − σ(z)). Lowest at z ≈ −1.278, with y ≈ −0.278.

    Source: Elfwing, Uchibe and Doya, *Sigmoid-weighted linear units for neural network function approximation*, Neural
    Networks 107, 2018; Ramachandran, Zoph and Le, *Searching for activation functions*, 2017.
    """

    monotonic = False
    lowest = -0.2784645427610739

    def values(self, z: Array, scratch: Scratch) -> Array:
        # σ ends above 0, so z ends as well
        y = np.maximum(z, scratch.scalar("furthest", -1000.0), out=scratch("y", z.shape))
        return np.multiply(y, logistic(z, scratch, "share"), out=y)

    def slopes(self, z: Array, y: Array, scratch: Scratch) -> Array:
        share, slope = scratch("share", z.shape), scratch("slope", z.shape)
        np.subtract(scratch.scalar("one", 1.0), share, out=slope)
        np.multiply(slope, y, out=slope)
        return np.add(slope, share, out=slope)
