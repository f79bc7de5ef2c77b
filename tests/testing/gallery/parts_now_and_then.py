"""Containers that leave a part out now and then, or run it in the wrong context."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Context, Dense, Layer, ReLU
from layerkit.arguments import check_instance
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug


class Beside(Layer):
    """y = x + b f(x): in training b is 0 or 2, evenly, for each row; else it is 1."""

    stochastic = True

    def __init__(self, layer: Layer) -> None:
        check_instance(self, "layer", layer, Layer)
        self.layer = layer

    def build(self, input_shape: Shape) -> Shape:
        if self.part("inner", self.layer, input_shape) != input_shape:
            raise ShapeError(f"{type(self).__name__}: the inner layer must keep the shape")
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        factor: Array | float = 1.0
        if ctx.training:
            factor = (2 * ctx.rng.integers(2, size=(len(x), *[1] * (x.ndim - 1)))).astype(x.dtype)
        ctx.saved.factor = factor
        y: Array = x + factor * ctx.part("inner").forward(x)
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        below: Array = grad + ctx.part("inner").backward(grad * ctx.saved.factor)
        return below


class SkipsThePart(Beside):
    """Does not go back through the part where no row of the batch came through it."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        return super().backward(grad, ctx) if np.any(ctx.saved.factor) else grad


class Doubled(Layer):
    """y = 2 f(x)."""

    def __init__(self, layer: Layer) -> None:
        check_instance(self, "layer", layer, Layer)
        self.layer = layer

    def build(self, input_shape: Shape) -> Shape:
        return self.part("inner", self.layer, input_shape)

    def forward(self, x: Array, ctx: Context) -> Array:
        y: Array = 2 * ctx.part("inner").forward(x)
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        below: Array = ctx.part("inner").backward(2 * grad)
        return below


class RunsItInItsOwnContext(Doubled):
    """Runs the part by its own methods, and gives it its own context."""

    def forward(self, x: Array, ctx: Context) -> Array:
        y: Array = 2 * self.layer.forward(x, ctx)
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        below: Any = self.layer.backward(2 * grad, ctx)
        return np.asarray(below)


_AROUND: dict[str, Any] = {"arguments": {"layer": Dense(4)}, "input_shapes": [(4,)]}
_DOUBLED: dict[str, Any] = {"arguments": {"layer": ReLU()}, "input_shapes": [(4,)]}
BUGS = [
    Bug(SkipsThePart, "gradient-overwritten", "1 rows", _AROUND),
    Bug(RunsItInItsOwnContext, "layers-are-parts", "context of RunsItInItsOwnContext", _DOUBLED),
]
SOUND: list[tuple[type, dict[str, Any]]] = [(Beside, _AROUND), (Doubled, _DOUBLED), (Doubled, _AROUND)]
