"""Sound activations of unusual slopes: steep, flat, or of a row as a whole."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Activation, Context, Layer
from layerkit.arguments import check_number
from layerkit.types import Array
from tests.testing.unusual_activations import Elementwise


class SignedLog(Elementwise):
    """sign(z) log(1 + |z|)."""

    def value(self, z: Array) -> Array:
        return np.copysign(np.log1p(np.abs(z)), z)

    def derivative(self, z: Array) -> Array:
        return 1 / (1 + np.abs(z))


class Steep(Elementwise):
    """tanh(steepness · z)."""

    lowest = -1.0
    highest = 1.0

    def __init__(self, steepness: float = 50.0) -> None:
        check_number(self, "steepness", steepness, above=0)
        self.steepness = steepness

    def value(self, z: Array) -> Array:
        return np.tanh(self.steepness * z)

    def derivative(self, z: Array) -> Array:
        decay = np.exp(-2 * self.steepness * np.abs(z))
        slope: Array = 4 * self.steepness * decay / (1 + decay) ** 2
        return slope


class Exponential(Elementwise):
    """e^z, which no float32 can hold far out."""

    lowest = 0.0

    def value(self, z: Array) -> Array:
        return np.exp(z)

    def derivative(self, z: Array) -> Array:
        return np.exp(z)


class LogCosh(Elementwise):
    """log cosh z, which falls as long as z is negative."""

    lowest = 0.0
    monotonic = False

    def value(self, z: Array) -> Array:
        return np.abs(z) + np.log1p(np.exp(-2 * np.abs(z))) - np.asarray(np.log(2), z.dtype)

    def derivative(self, z: Array) -> Array:
        return np.tanh(z)


class SignedRoot(Elementwise):
    """sign(z) √|z|, infinitely steep at 0, where its derivative is said to be 0."""

    kinks = (0.0,)

    def value(self, z: Array) -> Array:
        return np.copysign(np.sqrt(np.abs(z)), z)

    def derivative(self, z: Array) -> Array:
        size = np.abs(z)
        return np.where(size > 0, 0.5 / np.sqrt(np.where(size > 0, size, 1)), 0).astype(z.dtype)


class Bump(Elementwise):
    """e^(−z²): neither rising nor falling."""

    lowest = 0.0
    highest = 1.0
    monotonic = False

    def value(self, z: Array) -> Array:
        return np.exp(-np.minimum(z * z, 80))

    def derivative(self, z: Array) -> Array:
        return -2 * z * np.exp(-np.minimum(z * z, 80)) * (z * z < 80)


class Gentle(Elementwise):
    """tanh(z / 100), which is far from its ends where others are there."""

    lowest = -1.0
    highest = 1.0

    def value(self, z: Array) -> Array:
        return np.tanh(z / 100)

    def derivative(self, z: Array) -> Array:
        slope: Array = (1 - np.tanh(z / 100) ** 2) / 100
        return slope


class RandomSlope(Elementwise):
    """z above 0; below, z times a random slope in training, and its mean at inference."""

    kinks = (0.0,)
    stochastic = True

    def slopes(self, z: Array, ctx: Context) -> Array:
        drawn = ctx.rng.uniform(0.1, 0.3, z.shape) if ctx.training else np.full(z.shape, 0.2)
        return np.where(z > 0, 1, drawn).astype(z.dtype)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.slopes = self.slopes(x, ctx)
        y: Array = x * ctx.saved.slopes
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        below: Array = grad * ctx.saved.slopes
        return below

    def derivative(self, z: Array) -> Array:
        return np.where(z > 0, 1, 0.2).astype(z.dtype)


class Sparsemax(Activation):
    """The point of the simplex that is nearest to z: kinks all over, and ties."""

    lowest = 0.0
    highest = 1.0

    def forward(self, x: Array, ctx: Context) -> Array:
        ordered = -np.sort(-x, axis=-1)
        count = np.arange(1, x.shape[-1] + 1)
        total = np.cumsum(ordered, axis=-1)
        size = (ordered * count > total - 1).sum(axis=-1, keepdims=True)
        level = (np.take_along_axis(total, size - 1, axis=-1) - 1) / size
        y: Array = np.maximum(x - level, 0).astype(x.dtype)
        ctx.saved.support = y > 0
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        support = ctx.saved.support
        mean = (grad * support).sum(axis=-1, keepdims=True) / support.sum(axis=-1, keepdims=True)
        below: Array = (support * (grad - mean)).astype(grad.dtype)
        return below


class UnitLength(Activation):
    """z / √(‖z‖² + 1e-12), over the last axis: a cliff around zeros."""

    lowest = -1.0
    highest = 1.0

    def forward(self, x: Array, ctx: Context) -> Array:
        norm = np.sqrt((x * x).sum(axis=-1, keepdims=True) + np.asarray(1e-12, x.dtype))
        ctx.saved.norm, ctx.saved.y = norm, x / norm
        y: Array = ctx.saved.y
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        y = ctx.saved.y
        below: Array = (grad - y * (grad * y).sum(axis=-1, keepdims=True)) / ctx.saved.norm
        return below


SLOPES: dict[type[Layer], dict[str, Any]] = {
    SignedLog: {},
    Steep: {},
    Exponential: {},
    LogCosh: {},
    SignedRoot: {},
    Bump: {},
    Gentle: {},
    RandomSlope: {},
    Sparsemax: {},
    UnitLength: {},
}
