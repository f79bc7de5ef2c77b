"""Softplus."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.elementwise import Elementwise
from layerkit.activations.exponentials import logarithm_of_one_plus, logistic
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class Softplus(Elementwise):
    """y = log(1 + eᶻ), a smooth ReLU that is always above 0; y′ = σ(z).

    Computed as max(z, 0) + log(1 + e^−|z|), which neither overflows nor loses its digits far out on the left. As the
    last layer it keeps a prediction positive: a rate, a deviation.

    Source: Dugas, Bengio, Bélisle, Nadeau and Garcia, *Incorporating second-order functional knowledge for better
    option pricing*, NeurIPS 2000.
    """

    lowest = 0.0

    def values(self, z: Array, scratch: Scratch) -> Array:
        y, decay = scratch("y", z.shape), scratch("decay", z.shape)
        np.absolute(z, out=decay)
        np.negative(decay, out=decay)
        np.exp(decay, out=decay)
        part = logarithm_of_one_plus(decay, scratch, "part")
        return np.add(np.maximum(z, scratch.scalar("zero", 0.0), out=y), part, out=y)

    def slopes(self, z: Array, y: Array, scratch: Scratch) -> Array:
        return logistic(z, scratch, "slope")
