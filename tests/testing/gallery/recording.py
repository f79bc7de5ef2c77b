"""Layers and costs that declare recordable, and let numbers decide."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Activation, Constant, Context
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Bend, Centre, Drop, Scale, Squares


class BranchesFarOut(Scale):
    """Large inputs are scaled down, as a look at the plain array says."""

    recordable = True

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        ctx.saved.scale = 0.5 if np.asarray(x).max(initial=0) > 50 else 1.0
        return x * self.factor * ctx.saved.scale

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        return super().backward(grad * ctx.saved.scale, ctx)


class CountsNegative(Scale):
    """A slope for negative inputs, if there are any: their places are looked for."""

    recordable = True

    def forward(self, x: Array, ctx: Context) -> Array:
        slope: Any = np.ones_like(x)
        places = np.argwhere(x < 0)
        for row, column in places[:, :2] if x.ndim == 2 else ():
            slope[row, column] = 0.1
        ctx.saved.slope = slope
        return super().forward(x * slope, ctx)

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        return super().backward(grad, ctx) * ctx.saved.slope


class IndexedByBooleans(Activation):
    """A leaky rectifier that works on what is negative alone."""

    elementwise = True
    kinks = (0.0,)
    recordable = True

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        y = x.copy()
        y[x < 0] *= 0.1
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = grad.copy()
        below[ctx.saved.x < 0] *= 0.1
        return below

    def derivative(self, z: Array) -> Array:
        return np.where(z < 0, 0.1, 1.0).astype(z.dtype)


class ReadsItsParameter(Scale):
    """A single factor, read as Python's number."""

    recordable = True

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("factor", (), Constant(1.0))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x * float(self.factor)

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("factor")[...] = (grad * ctx.saved.x).sum()
        return grad * float(self.factor)


class ReadsTheGradient(Scale):
    """Gradients of nothing are not multiplied."""

    recordable = True

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        if not grad.view(np.ndarray).any():
            ctx.gradient("factor")[...] = 0
            return np.zeros_like(grad)
        return super().backward(grad, ctx)


class MovesAndRecords(Centre):
    """Declares recordable, and proposes a state."""

    recordable = True


class DrawsAndRecords(Drop):
    """Declares recordable, and draws."""

    recordable = True


class OwnMemory(Scale):
    """The output is computed in memory that is not ctx.scratch."""

    recordable = True

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return np.multiply(x, self.factor, out=np.empty(x.shape, x.dtype))


class FlatBend(Bend):
    """A bend that is left out where no input is far from 0."""

    recordable = True

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x if max(map(abs, x.flat), default=0.0) < 1e-9 else x / np.sqrt(1 + x * x)


class CountedTargets(Squares):
    """Twice the cost where a target is large."""

    recordable = True

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        ctx.saved.weight = 2.0 if np.count_nonzero(target > 50) else 1.0
        return super().forward(prediction, target, ctx) * ctx.saved.weight

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return super().backward(prediction, target, ctx) * ctx.saved.weight


class BytesOfPredictions(Squares):
    """Costs nothing at once where predictions hold nothing but zeros."""

    recordable = True

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        if prediction.tobytes().strip(b"\0") == b"":
            return (target**2).reshape(len(target), -1).sum(axis=1)
        return super().forward(prediction, target, ctx)


VECTORS = {"input_shapes": [(4,)]}

BUGS = [
    Bug(BranchesFarOut, "recorded-passes", "np.asarray"),
    Bug(CountsNegative, "recorded-passes", "argwhere"),
    Bug(IndexedByBooleans, "recorded-passes", "np.where"),
    Bug(ReadsItsParameter, "recorded-passes", "float()", VECTORS),
    Bug(ReadsTheGradient, "recorded-passes", "view"),
    Bug(MovesAndRecords, "recorded-passes", "state"),
    Bug(DrawsAndRecords, "recorded-passes", "ctx.rng"),
    Bug(OwnMemory, "recorded-passes", "ctx.scratch"),
    Bug(FlatBend, "recorded-passes", "flat"),
    Bug(CountedTargets, "recorded-passes", "count_nonzero"),
    Bug(BytesOfPredictions, "recorded-passes", "tobytes"),
]
