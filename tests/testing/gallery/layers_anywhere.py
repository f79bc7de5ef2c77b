"""Layers that fail where training leads: at rows of zeros, at parameters of the other sign, after many passes."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Constant, Context, Layer
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.layers_declared import VECTORS, width_of


class UnitLength(Layer):
    """y = x / √(|x|² + ε)."""

    normalizes = True
    small = 1e-3

    def build(self, input_shape: Shape) -> Shape:
        width_of(self, input_shape)
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.length = np.sqrt((x * x).sum(axis=-1, keepdims=True) + self.small)
        ctx.saved.y = x / ctx.saved.length
        y: Array = ctx.saved.y
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        y = ctx.saved.y
        below: Array = (grad - y * (grad * y).sum(axis=-1, keepdims=True)) / ctx.saved.length
        return below


class NoLength(UnitLength):
    """Divides a row of zeros by its length."""

    small = 0.0


class SizeInDecibels(Layer):
    """y = log(|x| + ε)."""

    small = 1e-3

    def build(self, input_shape: Shape) -> Shape:
        width_of(self, input_shape)
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        y: Array = np.log(np.abs(x) + self.small)
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        x = ctx.saved.x
        below: Array = grad * np.where(x < 0, -1, 1).astype(x.dtype) / (np.abs(x) + self.small)
        return below


class NoSize(SizeInDecibels):
    """Has the logarithm of 0 be −∞."""

    small = 0.0


class Rooted(Layer):
    """y = x √(p² + 1)."""

    factor: Array

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("factor", (width_of(self, input_shape),), Constant(0.7))
        return input_shape

    def root(self) -> tuple[Array, Array]:
        """The root, and its derivative."""
        root = np.sqrt(self.factor * self.factor + 1)
        return root, self.factor / root

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        y: Array = x * self.root()[0]
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        root, slope = self.root()
        ctx.gradient("factor")[...] = (grad * ctx.saved.x).sum(axis=0) * slope
        below: Array = grad * root
        return below


class RootOfTheFactor(Rooted):
    """y = x √p, which is NaN where p falls below 0."""

    def root(self) -> tuple[Array, Array]:
        root = np.sqrt(self.factor)
        return root, 0.5 / root


class NoSlopeBelowZero(Rooted):
    """The gradient of a negative factor has the sign of a positive one's."""

    def root(self) -> tuple[Array, Array]:
        root, slope = super().root()
        return root, np.abs(slope)


class Powers(Layer):
    """Keeps the direction in which inputs are largest, by one step of the power iteration each pass."""

    direction: Array

    def build(self, input_shape: Shape) -> Shape:
        self.state("direction", (width_of(self, input_shape),), Constant(1.0))
        return input_shape

    def length(self, direction: Array) -> Any:
        return np.sqrt((direction * direction).sum())

    def forward(self, x: Array, ctx: Context) -> Array:
        if ctx.training and len(x):
            direction = (x @ self.direction) @ x / len(x)
            ctx.update_state("direction", direction / self.length(direction))
        return x.copy()

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


class PowersWithoutEnd(Powers):
    """Does not divide by the length."""

    coupled_rows = True

    def length(self, direction: Array) -> Any:
        return direction.dtype.type(0.5)


class Mild(Layer):
    """The softmax of −|x − i|² over the places i of four centres."""

    def build(self, input_shape: Shape) -> Shape:
        width_of(self, input_shape)
        return (4,)

    def largest(self, scores: Array) -> Array:
        largest: Array = scores.max(axis=-1, keepdims=True)
        return largest

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.away = x[:, None, :] - np.arange(4, dtype=x.dtype)[:, None]
        scores = -(ctx.saved.away**2).sum(axis=-1) / x.shape[1]
        weights = np.exp(scores - self.largest(scores))
        ctx.saved.y = weights / weights.sum(axis=-1, keepdims=True)
        y: Array = ctx.saved.y
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        y, away = ctx.saved.y, ctx.saved.away
        inner = y * (grad - (grad * y).sum(axis=-1, keepdims=True))
        below: Array = -2 * (inner[:, :, None] * away).sum(axis=1) / away.shape[2]
        return below


class AllUnderflow(Mild):
    """Takes nothing off before the exponential: in float32 all weights are 0 for inputs of about 10."""

    def largest(self, scores: Array) -> Array:
        return np.zeros_like(scores[..., :1])


class Waves(Layer):
    """Adds a wave over the features."""

    def build(self, input_shape: Shape) -> Shape:
        width_of(self, input_shape)
        return input_shape

    def wave(self, width: int) -> Array:
        return np.sin(1.0 + np.arange(width))

    def forward(self, x: Array, ctx: Context) -> Array:
        y: Array = x + self.wave(x.shape[1]).astype(x.dtype)
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


class WavesInFloat32(Waves):
    """Works the wave out in float32."""

    def wave(self, width: int) -> Array:
        return np.sin(1 + np.arange(width, dtype=np.float32))


class Variance(Layer):
    """Divides by the deviation that features have had, from a running variance."""

    coupled_rows = True
    variance: Array

    def build(self, input_shape: Shape) -> Shape:
        self.state("variance", (width_of(self, input_shape),), Constant(1.0), minimum=0)
        return input_shape

    def seen(self, x: Array) -> Array:
        variance: Array = ((x - x.mean(axis=0)) ** 2).mean(axis=0)
        return variance

    def forward(self, x: Array, ctx: Context) -> Array:
        if ctx.training and len(x):
            ctx.update_state("variance", (0.5 * self.variance + 0.5 * self.seen(x)).astype(x.dtype))
        ctx.saved.factor = 1 / np.sqrt(np.abs(self.variance) + 1)
        y: Array = x * ctx.saved.factor
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        below: Array = grad * ctx.saved.factor
        return below


class VarianceFromSquares(Variance):
    """The mean of squares less the square of the mean, which rounding takes below 0."""

    def seen(self, x: Array) -> Array:
        variance: Array = (x * x).mean(axis=0) - x.mean(axis=0) ** 2
        return variance


SOUND = tuple((component, VECTORS) for component in (UnitLength, SizeInDecibels, Rooted, Mild, Waves, Variance))

BUGS = [
    Bug(NoLength, "finite-on-special-rows", "0 everywhere", VECTORS),
    Bug(NoSize, "finite-on-special-rows", "-inf", VECTORS),
    Bug(RootOfTheFactor, "parameters-of-any-sign", "not finite", VECTORS),
    Bug(NoSlopeBelowZero, "parameters-of-any-sign", "central differences", VECTORS),
    Bug(PowersWithoutEnd, "states-stay-finite", "training passes a state is", VECTORS),
    Bug(AllUnderflow, "large-inputs", "about 10 and 30", VECTORS),
    Bug(WavesInFloat32, "full-precision", "tables", VECTORS),
    Bug(VarianceFromSquares, "states-above-their-minima", "rounding", VECTORS),
]
