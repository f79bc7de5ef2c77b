"""The same values in another shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import final

from layerkit.arguments import check_shape
from layerkit.errors import ShapeError
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.shapes import as_shape, with_batch
from layerkit.types import Array, Shape


@final
class Reshape(Layer):
    """y holds each example's values, in row-major order, in ``shape``; the batch axis stays. Keeps any dtype.

    Args:
        shape: the new shape of an example, such as ``(28, 28, 1)``.

    Raises:
        ShapeError: at build, if the number of values differs.
    """

    recordable = True
    integer_input = "keep"

    def __init__(self, shape: Sequence[int]) -> None:
        check_shape(self, "shape", shape)
        self.shape = shape

    def build(self, input_shape: Shape) -> Shape:
        shape = as_shape(self.shape)
        known = all(isinstance(axis, int) for axis in (*input_shape, *shape))
        if not known or math.prod(input_shape) != math.prod(shape):
            raise ShapeError(
                f"Reshape: inputs of {with_batch(input_shape)} cannot become {with_batch(shape)}: "
                "the number of values must be known and stay the same"
            )
        return shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.shape = x.shape
        return x.reshape(x.shape[0], *as_shape(self.shape))

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad.reshape(ctx.saved.shape)
