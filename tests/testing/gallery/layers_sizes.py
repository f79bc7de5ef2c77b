"""Layers that are right for one batch, one length or one shape, and not for the next."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Constant, Context, Layer
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Scale


class FirstBatch(Scale):
    """The output's memory is that of the first batch, of which a larger one has too little."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        if not hasattr(ctx.saved, "memory"):
            ctx.saved.memory = np.empty(x.shape, x.dtype)
        y: Array = ctx.saved.memory[: len(x)]
        return np.multiply(x, self.factor, out=y)


class Times(Layer):
    """y = s · x, one learned factor a feature, at each step of time; the sound one."""

    factor: Array

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2 or not isinstance(input_shape[-1], int):
            raise ShapeError(f"{type(self).__name__}: takes (batch, time, features), got {input_shape}")
        self.parameter("factor", (input_shape[-1],), Constant(1.0))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x * self.factor

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("factor")[...] = (grad * ctx.saved.x).sum(axis=(0, 1))
        return grad * self.factor


class FirstLength(Times):
    """Weights over time are those of the first batch's length."""

    def forward(self, x: Array, ctx: Context) -> Array:
        if not hasattr(ctx.saved, "weights"):
            ctx.saved.weights = np.linspace(1, 2, x.shape[1], dtype=x.dtype)[:, None]
        return super().forward(x * ctx.saved.weights[: x.shape[1]], ctx)

    def backward(self, grad: Array, ctx: Context) -> Array:
        return super().backward(grad, ctx) * ctx.saved.weights[: grad.shape[1]]


class LongestLength(Times):
    """Weights over time are those of the longest batch so far, which a shorter one has the beginning of."""

    def forward(self, x: Array, ctx: Context) -> Array:
        length = max(getattr(ctx.saved, "length", 0), x.shape[1])
        ctx.saved.length = length
        ctx.saved.weights = np.linspace(1, 2, length, dtype=x.dtype)[: x.shape[1], None]
        return super().forward(x * ctx.saved.weights, ctx)

    def backward(self, grad: Array, ctx: Context) -> Array:
        return super().backward(grad, ctx) * ctx.saved.weights


class EveryOther(Layer):
    """Every second value; how many there are is declared for even lengths."""

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape or not isinstance(input_shape[-1], int):
            raise ShapeError(f"EveryOther: the last axis must have a known length, got {input_shape}")
        return (*input_shape[:-1], max(input_shape[-1] // 2, 1))

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.shape = x.shape
        return x[..., ::2]

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = np.zeros(ctx.saved.shape, grad.dtype)
        below[..., ::2] = grad
        return below


class DeclaresThree(Times):
    """The length of an axis that varies is declared as the one that the author had."""

    def build(self, input_shape: Shape) -> Shape:
        super().build(input_shape)
        return (input_shape[0] or 3, input_shape[1])


class NeedsFour(Scale):
    """The gradient is put together for four features."""

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        below = np.empty((len(grad), 4), grad.dtype)
        below[...] = super().backward(grad, ctx)
        return below


class FormulaOfTheSecondAxis(Layer):
    """The total over time, whose declared length is that of the wrong axis, which is as long."""

    def build(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2:
            raise ShapeError(f"FormulaOfTheSecondAxis: takes (batch, time, features), got {input_shape}")
        return (input_shape[0],)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.time = x.shape[1]
        total: Array = x.sum(axis=1)
        return total

    def backward(self, grad: Array, ctx: Context) -> Array:
        return np.repeat(grad[:, None], ctx.saved.time, axis=1)


class TwoOfOneLength(Layer):
    """The sum of two inputs, the second of which is declared to have any length."""

    def build(self, input_shape: Any) -> Shape:
        if len(input_shape) != 2 or not all(isinstance(part, tuple) and len(part) == 1 for part in input_shape):
            raise ShapeError(f"TwoOfOneLength: takes two vectors, got {input_shape}")
        shape: Shape = input_shape[0]
        return shape

    def forward(self, x: tuple[Array, Array], ctx: Context) -> Array:
        return x[0] + x[1]

    def backward(self, grad: Array, ctx: Context) -> tuple[Array, Array]:
        return grad, grad


RAGGED = {"input_shapes": [(None, 2)]}

BUGS = [
    Bug(FirstBatch, "sizes-vary", "ctx.scratch"),
    Bug(FirstLength, "sizes-vary", "length", RAGGED),
    Bug(LongestLength, "sizes-vary", "length", RAGGED),
    Bug(EveryOther, "other-lengths", "build returns", {"input_shapes": [(4,), (2, 6)]}),
    Bug(DeclaresThree, "sizes-vary", "build returns", RAGGED),
    Bug(NeedsFour, "other-lengths", "another length", {"input_shapes": [(4,)]}),
    Bug(FormulaOfTheSecondAxis, "other-lengths", "build returns", {"input_shapes": [(3, 3)]}),
    Bug(TwoOfOneLength, "other-lengths", "ShapeError", {"input_shapes": [((4,), (4,))]}),
]
