"""Activations that are not what they declare."""

from __future__ import annotations

import numpy as np

from layerkit import Activation, Context
from layerkit.types import Array
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Bend


class WrongDerivative(Bend):
    """Another power in the derivative."""

    def derivative(self, z: Array) -> Array:
        slope: Array = (1 + z * z) ** -0.5
        return slope


class WideDerivative(Bend):
    """Float64 constants in the derivative; backward brings what they make back."""

    def derivative(self, z: Array) -> Array:
        slope: Array = super().derivative(z) * np.where(z > 0, 1.0, 1.0)
        return slope

    def backward(self, grad: Array, ctx: Context) -> Array:
        return (grad * self.derivative(ctx.saved.x)).astype(grad.dtype)


class OtherBackward(Bend):
    """Backward follows another formula than derivative."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        y = ctx.saved.x
        slope: Array = grad * (1 - y * y)
        return slope


class UndeclaredKink(Activation):
    """|z|, whose kink at 0 is not declared."""

    elementwise = True
    monotonic = False

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return np.abs(x)

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad * np.sign(ctx.saved.x)

    def derivative(self, z: Array) -> Array:
        return np.sign(z)


class Overflows(Activation):
    """The sigmoid as it is written in books."""

    elementwise = True
    lowest = 0.0
    highest = 1.0

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.y = 1 / (1 + np.exp(-x))
        y: Array = ctx.saved.y
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        slope: Array = grad * ctx.saved.y * (1 - ctx.saved.y)
        return slope

    def derivative(self, z: Array) -> Array:
        y = 1 / (1 + np.exp(-z))
        return y * (1 - y)


class RangeLie(Bend):
    """Declares that no output is negative."""

    lowest = 0.0


class MonotonicLie(Activation):
    """sin z, which falls."""

    elementwise = True

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return np.sin(x)

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad * np.cos(ctx.saved.x)

    def derivative(self, z: Array) -> Array:
        return np.cos(z)


class NotElementwise(Bend):
    """Declares elementwise, and looks at its neighbour."""

    def forward(self, x: Array, ctx: Context) -> Array:
        y = super().forward(x, ctx)
        return y if x.shape[-1] == 1 else y * (1 + 0.1 * np.tanh(np.roll(x, 1, axis=-1)))


class FixedAxis(Activation):
    """A softmax over axis 1, which loses that axis."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.shape = x.shape
        mean: Array = x.mean(axis=1)
        return mean

    def backward(self, grad: Array, ctx: Context) -> Array:
        return np.zeros(ctx.saved.shape, grad.dtype)


BUGS = [
    Bug(WideDerivative, "derivative-matches", "one of float64"),
    Bug(WrongDerivative, "derivative-matches", "formula of the derivative"),
    Bug(OtherBackward, "backward-matches-derivative", "different formulas"),
    Bug(UndeclaredKink, "declared-kinks", "kinks"),
    Bug(Overflows, "finite-far-out", "exponential"),
    Bug(RangeLie, "declared-range", "lowest"),
    Bug(MonotonicLie, "declared-monotonicity", "monotonic"),
    Bug(NotElementwise, "elementwise", "not elementwise"),
    Bug(FixedAxis, "keeps-shape", "axis"),
]
