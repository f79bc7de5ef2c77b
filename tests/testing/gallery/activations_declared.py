"""Activations that are right on ordinary numbers, and elsewhere not what they declare."""

from __future__ import annotations

import numpy as np

from layerkit import Activation, Context
from layerkit.types import Array
from tests.testing.gallery.activations import Overflows
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Bend


class Ramp(Activation):
    """max(0, z), and 0.1 z below 0."""

    elementwise = True
    kinks = (0.0,)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return np.where(x > 0, x, 0.1 * x).astype(x.dtype)

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad * self.derivative(ctx.saved.x)

    def derivative(self, z: Array) -> Array:
        return np.where(z > 0, 1, 0.1).astype(z.dtype)


class SecondKink(Ramp):
    """Stops to rise at 20, which is not declared."""

    def forward(self, x: Array, ctx: Context) -> Array:
        return np.minimum(super().forward(x, ctx), np.asarray(20, x.dtype))

    def derivative(self, z: Array) -> Array:
        return super().derivative(z) * (z < 20)


class SmallKink(Bend):
    """A slope that changes by a fiftieth at 0.337."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return (x / np.sqrt(1 + x * x) + 0.02 * np.maximum(x - 0.337, 0)).astype(x.dtype)

    def derivative(self, z: Array) -> Array:
        return ((1 + z * z) ** -1.5 + 0.02 * (z > 0.337)).astype(z.dtype)

    lowest = float("-inf")
    highest = float("inf")


class NearbyKink(Ramp):
    """Declares the kink a thousandth beside where it is."""

    kinks = (0.001,)


class UndeclaredJump(Bend):
    """Jumps at 1.25."""

    lowest = float("-inf")
    highest = float("inf")

    def forward(self, x: Array, ctx: Context) -> Array:
        return super().forward(x, ctx) + (x > 1.25)


class NoSlopeAtZero(Ramp):
    """The derivative at 0 itself is neither that of the left nor that of the right, nor between the two."""

    def derivative(self, z: Array) -> Array:
        return ((z > 0) + 0.1 * (z < 0)).astype(z.dtype)


class NotANumberAtZero(Activation):
    """z / (1 + |z|), whose derivative is divided by |z|."""

    elementwise = True
    lowest = -1.0
    highest = 1.0

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x / (1 + np.abs(x))

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad * self.derivative(ctx.saved.x)

    def derivative(self, z: Array) -> Array:
        size = np.abs(z)
        return (1 - size / (1 + size)) * (size / size) / (1 + size)


class DerivativeFarOut(Bend):
    """The derivative is 0 beyond 8; backward has the right one."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        z = ctx.saved.x
        slope: Array = grad * (1 + z * z) ** -1.5
        return slope

    def derivative(self, z: Array) -> Array:
        return super().derivative(z) * (np.abs(z) <= 8)


class BackwardFarOut(Bend):
    """Backward is 0 beyond 6; the derivative is right."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        z = ctx.saved.x
        slope: Array = grad * (1 + z * z) ** -1.5 * (np.abs(z) <= 6)
        return slope


class BackwardAtZero(Bend):
    """Backward takes an exact zero for a place without a slope."""

    def backward(self, grad: Array, ctx: Context) -> Array:
        z = ctx.saved.x
        slope: Array = grad * (1 + z * z) ** -1.5 * (z != 0)
        return slope


class WholeNumbers(Bend):
    """The derivative at whole numbers is that of their neighbour."""

    def derivative(self, z: Array) -> Array:
        return super().derivative(np.where((z == np.round(z)) & (z > 2), z + 1, z).astype(z.dtype))


class TooWide(Bend):
    """Declares a range of which it uses a quarter."""

    lowest = -4.0
    highest = 4.0


class FallsFarOut(Activation):
    """z / (1 + (z / 60)²), which falls beyond 60 and is declared monotonic."""

    elementwise = True

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x / (1 + (x / 60) ** 2)

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad * self.derivative(ctx.saved.x)

    def derivative(self, z: Array) -> Array:
        square = (z / 60) ** 2
        slope: Array = (1 - square) / (1 + square) ** 2
        return slope


class LeavesItsRange(Bend):
    """Grows slowly, and is over its declared highest value from 200 on."""

    lowest = float("-inf")
    highest = 2.0

    def forward(self, x: Array, ctx: Context) -> Array:
        return super().forward(x, ctx) + np.maximum(x, 0) / 200

    def derivative(self, z: Array) -> Array:
        return super().derivative(z) + (z > 0) / np.asarray(200, z.dtype)

    kinks = (0.0,)


class OverflowsSoftly(Overflows):
    """log(1 + eᶻ) as it is written in books."""

    highest = float("inf")

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return np.log(1 + np.exp(x))

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad * self.derivative(ctx.saved.x)

    def derivative(self, z: Array) -> Array:
        decay = np.exp(-np.abs(z))
        return np.where(z > 0, 1, decay).astype(z.dtype) / (1 + decay)


class CoupledFarOut(Bend):
    """Where a row has a number beyond 30, all of the row is less."""

    def forward(self, x: Array, ctx: Context) -> Array:
        largest = np.abs(x).max(axis=-1, keepdims=True, initial=0)
        return np.asarray(super().forward(x, ctx) * np.minimum(1, 30 / np.maximum(largest, 30)))


BUGS = [
    Bug(CoupledFarOut, "elementwise", "inputs of about 60"),
    Bug(SecondKink, "declared-kinks", "20"),
    Bug(SmallKink, "declared-kinks", "0.337"),
    Bug(NearbyKink, "declared-kinks", "kinks"),
    Bug(UndeclaredJump, "declared-kinks", "jumps"),
    Bug(NoSlopeAtZero, "derivative-matches", "between"),
    Bug(NotANumberAtZero, "derivative-matches", "nan"),
    Bug(DerivativeFarOut, "derivative-matches", "formula of the derivative"),
    Bug(BackwardFarOut, "backward-matches-derivative", "different formulas"),
    Bug(BackwardAtZero, "backward-matches-derivative", "different formulas"),
    Bug(WholeNumbers, "derivative-matches", "formula of the derivative"),
    Bug(TooWide, "declared-range", "highest"),
    Bug(FallsFarOut, "declared-monotonicity", "monotonic"),
    Bug(LeavesItsRange, "declared-range", "highest"),
    Bug(OverflowsSoftly, "finite-far-out", "exponential"),
]
