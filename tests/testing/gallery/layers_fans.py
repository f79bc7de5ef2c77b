"""Layers that tell initializers other fans than their weights have."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Context, He, Layer, Normal
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug


class Turned(Layer):
    """y = x Wᵀ, for a W of a row a unit."""

    weight: Array

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1 or not isinstance(input_shape[0], int):
            raise ShapeError(f"{type(self).__name__}: takes vectors of a known length, got {input_shape}")
        self.declare(input_shape[0])
        return (3,)

    def declare(self, width: int) -> None:
        self.parameter("weight", (3, width), He(), fan_in=width, fan_out=3)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        y: Array = x @ self.weight.T
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("weight")[...] = grad.T @ ctx.saved.x
        below: Array = grad @ self.weight
        return below


class TurnedAsItLies(Turned):
    """Leaves the fans to the axes, of which the first is that of the units."""

    def declare(self, width: int) -> None:
        self.parameter("weight", (3, width), He())


class TurnedBySize(Turned):
    """As it lies, and drawn without a look at the fans: that is no fault."""

    def declare(self, width: int) -> None:
        self.parameter("weight", (3, width), Normal(0.1))


class Windows(Layer):
    """Of each window of two steps, weights (2, features, 3)."""

    weight: Array

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2 or not isinstance(input_shape[1], int) or input_shape[0] in (None, 1):
            raise ShapeError(f"{type(self).__name__}: takes sequences of two steps at least, got {input_shape}")
        self.declare(input_shape[1])
        return (input_shape[0] - 1, 3)

    def declare(self, width: int) -> None:
        self.parameter("weight", (2, width, 3), He(), fan_in=2 * width, fan_out=3)

    def forward(self, x: Array, ctx: Context) -> Array:
        if ctx.mask_over(x) is not None:
            raise ShapeError(f"{type(self).__name__}: takes no masks")
        ctx.saved.x = x
        y: Array = x[:, :-1] @ self.weight[0] + x[:, 1:] @ self.weight[1]
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        x = ctx.saved.x
        ctx.gradient("weight")[0] = np.tensordot(x[:, :-1], grad, ((0, 1), (0, 1)))
        ctx.gradient("weight")[1] = np.tensordot(x[:, 1:], grad, ((0, 1), (0, 1)))
        below = np.zeros_like(x)
        below[:, :-1] += grad @ self.weight[0].T
        below[:, 1:] += grad @ self.weight[1].T
        return below


class WindowsByTheirLength(Windows):
    """Leaves the fans to the axes, of which the first is the window's length."""

    def declare(self, width: int) -> None:
        self.parameter("weight", (2, width, 3), He())


_VECTORS: dict[str, Any] = {"input_shapes": [(3,), (5,)]}
_STEPS: dict[str, Any] = {"input_shapes": [(4, 5)]}
BUGS = [
    Bug(TurnedAsItLies, "fans-of-weights", "fan_in=5", _VECTORS),
    Bug(WindowsByTheirLength, "fans-of-weights", "fan_in=10", _STEPS),
]
SOUND: list[tuple[type, dict[str, Any]]] = [(Turned, _VECTORS), (TurnedBySize, _VECTORS), (Windows, _STEPS)]
