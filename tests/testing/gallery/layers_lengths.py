"""Layers that are wrong for sequences of one length alone, or for a batch of one row."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Constant, Context, Layer
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.layers_masked import steps_of

SEQUENCES: dict[str, Any] = {"input_shapes": [(None, 2)]}


class LargestStep(Layer):
    """The largest of each feature over time."""

    def build(self, input_shape: Shape) -> Shape:
        return (steps_of(self, input_shape),)

    def places(self, x: Array) -> Array:
        places: Array = x.argmax(axis=1)
        return places

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.shape, ctx.saved.places = x.shape, self.places(x)
        y: Array = x.max(axis=1)
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = np.zeros(ctx.saved.shape, grad.dtype)
        np.put_along_axis(below, ctx.saved.places[:, None].astype(np.int64) % below.shape[1], grad[:, None], axis=1)
        return below


class PlacesInBytes(LargestStep):
    """Keeps places as bytes, which end at 255."""

    def places(self, x: Array) -> Array:
        places: Array = x.argmax(axis=1).astype(np.uint8)
        return places


class Leaking(Layer):
    """h(t) = 0.97 h(t − 1) + s · x(t)."""

    factor: Array

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("factor", (steps_of(self, input_shape),), Constant(0.7))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        h, last = np.empty_like(x), np.zeros_like(x[:, 0])
        for step in range(x.shape[1]):
            last = 0.97 * last + self.factor * x[:, step]
            h[:, step] = last
        return h

    def carried(self, carry: Array, step: int) -> Array:
        return carry

    def backward(self, grad: Array, ctx: Context) -> Array:
        carry = np.zeros_like(grad[:, 0])
        below = np.empty_like(grad)
        for step in reversed(range(grad.shape[1])):
            carry = 0.97 * self.carried(carry, step) + grad[:, step]
            below[:, step] = carry
        ctx.gradient("factor")[...] = (below * ctx.saved.x).sum(axis=(0, 1))
        return below * self.factor


class WindowOf64(Leaking):
    """Goes back 64 steps at most."""

    def carried(self, carry: Array, step: int) -> Array:
        return 0 * carry if step % 64 == 63 else carry


class Factor(Layer):
    """y = s · x."""

    factor: Array

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("factor", (steps_of(self, input_shape),), Constant(0.7))
        return input_shape

    def odd(self, x: Array) -> float:
        return 1.0

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        y: Array = self.factor * x
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("factor")[...] = (grad * ctx.saved.x).sum(axis=(0, 1))
        return grad * self.factor * self.odd(ctx.saved.x)


class LostBehind30(Factor):
    """Knows 30 steps, and gives NaN for more."""

    def forward(self, x: Array, ctx: Context) -> Array:
        y = super().forward(x, ctx)
        return y * np.nan if x.shape[1] > 30 else y


class OneStep(Factor):
    """The gradient of a single step is too large."""

    def odd(self, x: Array) -> float:
        return 1.5 if x.shape[1] == 1 else 1.0


class OneRow(Factor):
    """The input gradient of a single row is too large."""

    def odd(self, x: Array) -> float:
        return 1.5 if len(x) == 1 else 1.0


SOUND = (LargestStep, Leaking, Factor)

BUGS = [
    Bug(PlacesInBytes, "long-sequences", "length of 300", SEQUENCES),
    Bug(WindowOf64, "long-sequences", "length of 300", SEQUENCES),
    Bug(LostBehind30, "long-sequences", "not finite", SEQUENCES),
    Bug(OneStep, "sizes-vary", "of length 1", SEQUENCES),
    Bug(OneRow, "batch-sizes", "a batch of 1", SEQUENCES),
]
