"""A way around other layers."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_instance
from layerkit.errors import ShapeError
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.shapes import with_batch
from layerkit.types import Array, Shape


@final
class Residual(Layer):
    """y = x + f(x), where f is another layer (a Sequential, say) that keeps the shape.

    Args:
        layer: f.

    Raises:
        ShapeError: at build, if f changes the shape.

    Source: He et al., *Deep residual learning for image recognition*, CVPR 2016.
    """

    recordable = True

    def __init__(self, layer: Layer) -> None:
        check_instance(self, "layer", layer, Layer)
        self.layer = layer

    def build(self, input_shape: Shape) -> Shape:
        shape = self.part("inner", self.layer, input_shape)
        if shape != input_shape:
            raise ShapeError(
                f"Residual: the inner layer turns {with_batch(input_shape)} into {with_batch(shape)}, which cannot be "
                "added to its input; it must keep the shape"
            )
        return input_shape

    def connect(self, ctx: Context) -> None:
        ctx.part("inner").needs_input_gradient = ctx.needs_input_gradient

    def forward(self, x: Array, ctx: Context) -> Array:
        return np.add(x, ctx.part("inner").forward(x), out=ctx.scratch("y", x.shape))

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        inner = ctx.part("inner").backward(grad)
        return None if inner is None else np.add(grad, inner, out=ctx.scratch("gradient", grad.shape))
