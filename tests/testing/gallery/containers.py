"""Containers that write into what a part gave them, and layers that write into what they gave away."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Constant, Context, Dense, Layer, Tanh
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Scale


class Around(Layer):
    """y = s · (x + f(x)), f a dense layer with tanh."""

    factor: Array

    def __init__(self) -> None:
        self._inner = Dense(4, activation=Tanh())

    def build(self, input_shape: Shape) -> Shape:
        if input_shape != (4,):
            raise ShapeError(f"{type(self).__name__}: takes vectors of length 4, got {input_shape}")
        self.parameter("factor", (4,), Constant(1.0))
        return self.part("inner", self._inner, input_shape)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.sum = x + ctx.part("inner").forward(x)
        y: Array = ctx.saved.sum * self.factor
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("factor")[...] = (grad * ctx.saved.sum).sum(axis=0)
        scaled = grad * self.factor
        below: Array = scaled + ctx.part("inner").backward(scaled)
        return below


class AddsToOutput(Around):
    """The input is added to the part's output, where it lies."""

    def forward(self, x: Array, ctx: Context) -> Array:
        inner: Any = ctx.part("inner").forward(x)
        inner += x
        ctx.saved.sum = inner
        y: Array = inner * self.factor
        return y


class AddsToGradient(Around):
    """The gradient past the part is added to the one that the part gave, where it lies."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("factor")[...] = (grad * ctx.saved.sum).sum(axis=0)
        scaled = grad * self.factor
        below: Array = ctx.part("inner").backward(scaled)
        np.add(below, scaled, out=below)
        return below


class ScalesOutput(Around):
    """Training scales the part's output in place, and inference does not."""

    def forward(self, x: Array, ctx: Context) -> Array:
        inner: Any = ctx.part("inner").forward(x)
        ctx.saved.sum = x + inner
        if ctx.training:
            inner *= 1.0
        y: Array = ctx.saved.sum * self.factor
        return y


class OverwritesOutput(Scale):
    """Backward works in the array that forward gave away and still reads."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.y = np.tanh(x) * self.factor
        ctx.saved.x = x
        y: Array = ctx.saved.y
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        y = ctx.saved.y
        y /= self.factor
        ctx.gradient("factor")[...] = (grad * y).sum(axis=0)
        below: Array = grad * self.factor * (1 - y * y)
        return below


class ReturnsItsBuffer(Scale):
    """The input gradient lies in the memory of the output, which backward still needs."""

    def forward(self, x: Array, ctx: Context) -> Array:
        y = np.tanh(x, out=ctx.scratch("y", x.shape))
        ctx.saved.tanh = y
        return y * self.factor

    def backward(self, grad: Array, ctx: Context) -> Array:
        tanh = ctx.saved.tanh
        ctx.gradient("factor")[...] = (grad * tanh).sum(axis=0)
        slope = 1 - tanh * tanh
        return np.multiply(grad * self.factor, slope, out=tanh)


VECTORS = {"input_shapes": [(4,)]}

BUGS = [
    Bug(AddsToOutput, "parts-left-alone", "parts gave", VECTORS),
    Bug(AddsToGradient, "parts-left-alone", "parts gave", VECTORS),
    Bug(ScalesOutput, "parts-left-alone", "parts gave", VECTORS),
    Bug(OverwritesOutput, "backward-repeatable", "in place"),
    Bug(ReturnsItsBuffer, "backward-repeatable", "in place"),
]
