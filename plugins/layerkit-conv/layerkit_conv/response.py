"""What follows the weighted sums of a convolution: the bias, and an activation."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit import Activation, Context
from layerkit.types import Array
from layerkit_conv.planar import to_images, to_planar


@final
class Response:
    """y = f(z + b) for planar maps z, ``(filters, height, width, batch)``, and back.

    An activation that acts on each value alone, and has no parameters, is run on the planar memory as it is; any other
    sees ``(batch, height, width, filters)``.
    """

    def __init__(self, activation: Activation | None, ctx: Context) -> None:
        self._function = None if activation is None else ctx.part("function")
        self._any_order = (
            activation is not None and activation.elementwise and type(activation).declare is Activation.declare
        )

    def forward(self, z: Array) -> Array:
        """y as ``(batch, height, width, filters)``."""
        if self._function is None:
            return to_images(z)
        if self._any_order:
            return to_images(self._function.forward(z))
        y: Array = self._function.forward(to_images(z))
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        """From the gradient with respect to y, the one with respect to z, planar and contiguous."""
        if self._function is None:
            return to_planar(grad, ctx, "delta")
        if self._any_order:
            return to_planar(to_images(self._function.backward(to_planar(grad, ctx, "grad"))), ctx, "delta")
        return to_planar(self._function.backward(grad), ctx, "delta")


def add_bias(z: Array, bias: Array, out: Array) -> None:
    """Add one number a filter to planar maps."""
    np.add(z, bias.reshape(-1, 1, 1, 1), out=out)


def differentiate_bias(delta: Array, gradient: Array, ctx: Context) -> None:
    """The sum of ``delta`` for each filter: fills ``gradient``."""
    rows = delta.reshape(delta.shape[0], -1)
    rows.dot(ctx.scratch.ones(rows.shape[1]), gradient)
