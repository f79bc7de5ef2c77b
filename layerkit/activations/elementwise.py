"""What activations share that are one function, applied at each place."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


class Elementwise(Activation):
    """y = f(z) at each place; a gradient goes back through f′(z), of which ``derivative`` gives the same numbers.

    Both methods work in memory from ``scratch``, by operations that do not depend on the numbers. What ``values``
    leaves there by name, ``slopes`` may use: it is called after it, for the same ``z``, with the same ``scratch``.
    """

    recordable = True
    elementwise = True

    @abstractmethod
    def values(self, z: Array, scratch: Scratch) -> Array:
        """f(z), as ``scratch("y", z.shape)``."""

    @abstractmethod
    def slopes(self, z: Array, y: Array, scratch: Scratch) -> Array:
        """f′(z), as memory of ``scratch`` that may be overwritten; ``y`` is f(z)."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        ctx.saved.y = self.values(x, ctx.scratch)
        return ctx.saved.y

    def backward(self, grad: Array, ctx: Context) -> Array:
        slope = self.slopes(ctx.saved.x, ctx.saved.y, ctx.scratch)
        return np.multiply(grad, slope, out=slope)

    def derivative(self, z: Array) -> Array:
        if z.dtype.kind != "f":
            z = z.astype(np.float64)
        scratch = Scratch(z.dtype)
        return self.slopes(z, self.values(z, scratch), scratch)
