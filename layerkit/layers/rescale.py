"""A fixed factor and offset, for raw bytes."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_number
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.types import Array, Shape


@final
class Rescale(Layer):
    """y = scale · x + offset, in the model's dtype; x may be integers, such as ``uint8`` images.

    First in a network, it lets the data stay bytes in memory, and the trained model take raw bytes.

    Args:
        scale: the factor; 1/255 by default, which takes bytes to 0 … 1.
        offset: what is added.

    >>> import numpy as np
    >>> from layerkit import Rescale, Sequential
    >>> Sequential([Rescale()]).initialize(2).predict(np.array([[0, 255]], "uint8"))
    array([[0., 1.]], dtype=float32)
    """

    recordable = True
    integer_input = "accept"

    def __init__(self, scale: float = 1 / 255, *, offset: float = 0.0) -> None:
        check_number(self, "scale", scale)
        check_number(self, "offset", offset)
        self.scale = scale
        self.offset = offset

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.integer = x.dtype.kind != "f"
        scratch = ctx.scratch
        y = scratch("y", x.shape)
        np.multiply(x, scratch.scalar("scale", self.scale), out=y, dtype=y.dtype, casting="unsafe")
        if self.offset:
            np.add(y, scratch.scalar("offset", self.offset), out=y)
        return y

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        if ctx.saved.integer:
            return None
        return np.multiply(grad, ctx.scratch.scalar("scale", self.scale), out=ctx.scratch("gradient", grad.shape))
