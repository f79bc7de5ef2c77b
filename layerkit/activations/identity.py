"""The activation that changes nothing."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.types import Array


@final
class Identity(Activation):
    """y = z, with derivative 1. Keeps any dtype."""

    recordable = True
    integer_input = "keep"
    elementwise = True

    def forward(self, x: Array, ctx: Context) -> Array:
        return x

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad

    def derivative(self, z: Array) -> Array:
        return np.ones_like(z)
