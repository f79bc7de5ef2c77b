"""A layer with a parameter, and its sound kernel, of which others change a part."""

from __future__ import annotations

from typing import Any

from layerkit_numba import Call, LayerKernel, compiled

from layerkit import Constant, Context, Layer
from layerkit.types import Array, Shape


class Scale(Layer):
    """One learned factor a feature."""

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("factor", input_shape[-1:], Constant(1.5))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x * self.factor

    def backward(self, grad: Array, ctx: Context) -> Array:
        width = grad.shape[-1]
        ctx.gradient("factor")[...] = (grad * ctx.saved.x).reshape(-1, width).sum(axis=0)
        return grad * self.factor


@compiled
def scale(x: Any, factor: Any, y: Any) -> None:
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            y[row, column] = x[row, column] * factor[column]


@compiled
def factor_gradient(dy: Any, x: Any, gradient: Any) -> None:
    gradient[:] = 0
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            gradient[column] += dy[row, column] * x[row, column]


FORWARD = Call(scale, "x:rows", "factor", "y:rows")
GRADIENT = Call(factor_gradient, "dy:rows", "x:rows", "gradient factor")
BELOW = Call(scale, "dy:rows", "factor", "dx:rows")


def scaling(**changes: Any) -> LayerKernel:
    """The sound kernel of ``Scale``, but for what is changed."""
    sound: dict[str, Any] = {"forward": (FORWARD,), "parameter_gradients": (GRADIENT,), "input_gradient": (BELOW,)}
    return LayerKernel(**{**sound, "reads_output": False, "masks": "ignored", **changes})


@compiled
def copy(dy: Any, dx: Any) -> None:
    dx[:] = dy


COPIES: dict[str, Any] = {"input_gradient": (Call(copy, "dy:flat", "dx:flat"),), "masks": "ignored"}
