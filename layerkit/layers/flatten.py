"""All axes but the batch's made one."""

from __future__ import annotations

import math
from typing import final

from layerkit.errors import ShapeError
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.shapes import with_batch
from layerkit.types import Array, Shape


@final
class Flatten(Layer):
    """y holds each example's values in one row: ``(batch, a, b, …)`` to ``(batch, a·b·…)``. Keeps any dtype.

    >>> from layerkit import Flatten, Sequential
    >>> Sequential([Flatten()]).initialize((28, 28)).output_shape
    (784,)
    """

    recordable = True
    integer_input = "keep"

    def build(self, input_shape: Shape) -> Shape:
        if not all(isinstance(axis, int) for axis in input_shape):
            raise ShapeError(f"Flatten: every axis must have a known length, got inputs of {with_batch(input_shape)}")
        return (math.prod(input_shape),)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.shape = x.shape
        if not x.flags.c_contiguous:
            # reshape would copy into new memory at each step
            copy = ctx.scratch("copy", x.shape, x.dtype)
            copy[...] = x
            x = copy
        return x.reshape(x.shape[0], math.prod(x.shape[1:]))

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad.reshape(ctx.saved.shape)
