"""Sound activations of unusual form: slopes that bend, steep curves, many kinks, kinks that arguments set or move."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Activation, Constant, Context, Layer
from layerkit.arguments import check_number
from layerkit.types import Array, Shape


class Elementwise(Activation):
    """y = f(z), z unless said otherwise; backward is grad · f′(z)."""

    elementwise = True

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return self.value(x)

    def value(self, z: Array) -> Array:
        return z.copy()

    def derivative(self, z: Array) -> Array:
        return np.ones_like(z)

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad * self.derivative(ctx.saved.x)


class Elu(Elementwise):
    """z above 0, e^z − 1 below: the second derivative alone jumps."""

    lowest = -1.0

    def value(self, z: Array) -> Array:
        return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))

    def derivative(self, z: Array) -> Array:
        return np.exp(np.minimum(z, 0))


class Selu(Elementwise):
    """1.05 z above 0, 1.76 (e^z − 1) below: a real kink at 0."""

    kinks = (0.0,)
    lowest = -1.7580993408473766

    def value(self, z: Array) -> Array:
        scale, bend = 1.0507009873554805, 1.6732632423543772
        return (scale * np.where(z > 0, z, bend * np.expm1(np.minimum(z, 0)))).astype(z.dtype)

    def derivative(self, z: Array) -> Array:
        scale, bend = 1.0507009873554805, 1.6732632423543772
        return (scale * np.where(z > 0, 1, bend * np.exp(np.minimum(z, 0)))).astype(z.dtype)


class Softsign(Elementwise):
    """z / (1 + |z|)."""

    lowest = -1.0
    highest = 1.0

    def value(self, z: Array) -> Array:
        return z / (1 + np.abs(z))

    def derivative(self, z: Array) -> Array:
        slope: Array = (1 + np.abs(z)) ** -2
        return slope


class SquaredReLU(Elementwise):
    """max(0, z)²."""

    lowest = 0.0

    def value(self, z: Array) -> Array:
        return np.maximum(z, 0) ** 2

    def derivative(self, z: Array) -> Array:
        return 2 * np.maximum(z, 0)


class SignedSquare(Elementwise):
    """|z| z."""

    def value(self, z: Array) -> Array:
        return np.abs(z) * z

    def derivative(self, z: Array) -> Array:
        return 2 * np.abs(z)


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


class SwishByTanh(Elementwise):
    """z σ(z), with σ from tanh: absolutely exact, and rounded where it is tiny."""

    lowest = -0.2784645427610738
    monotonic = False

    def value(self, z: Array) -> Array:
        return z * (0.5 * np.tanh(0.5 * z) + 0.5)

    def derivative(self, z: Array) -> Array:
        s = 0.5 * np.tanh(0.5 * z) + 0.5
        return s + z * s * (1 - s)


class Softplus(Elementwise):
    """log(1 + e^(β z)) / β."""

    lowest = 0.0

    def __init__(self, beta: float = 40.0) -> None:
        check_number(self, "beta", beta, above=0)
        self.beta = beta

    def value(self, z: Array) -> Array:
        return np.maximum(z, 0) + np.log1p(np.exp(-self.beta * np.abs(z))) / self.beta

    def derivative(self, z: Array) -> Array:
        decay = np.exp(-self.beta * np.abs(z))
        return np.where(z > 0, 1, decay).astype(z.dtype) / (1 + decay)


class HardSigmoid(Elementwise):
    """min(1, max(0, z / 6 + ½))."""

    kinks = (-3.0, 3.0)
    lowest = 0.0
    highest = 1.0

    def value(self, z: Array) -> Array:
        return np.clip(z / 6 + 0.5, 0, 1)

    def derivative(self, z: Array) -> Array:
        return ((np.abs(z) < 3) / 6).astype(z.dtype)


class HardSwish(Elementwise):
    """z · min(1, max(0, z / 6 + ½))."""

    kinks = (-3.0, 3.0)
    lowest = -0.375
    monotonic = False

    def value(self, z: Array) -> Array:
        return z * np.clip(z / 6 + 0.5, 0, 1)

    def derivative(self, z: Array) -> Array:
        return np.where(z <= -3, 0, np.where(z >= 3, 1, z / 3 + 0.5)).astype(z.dtype)


class Gelu(Elementwise):
    """½ z (1 + tanh(√(2/π) (z + 0.044715 z³)))."""

    lowest = -0.17004
    monotonic = False

    def value(self, z: Array) -> Array:
        return 0.5 * z * (1 + np.tanh(0.7978845608028654 * (z + 0.044715 * z**3)))

    def derivative(self, z: Array) -> Array:
        t = np.tanh(0.7978845608028654 * (z + 0.044715 * z**3))
        inner = 0.7978845608028654 * (1 + 3 * 0.044715 * z**2)
        slope: Array = 0.5 * (1 + t) + 0.5 * z * (1 - t) * (1 + t) * inner
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


class Smoothstep(Elementwise):
    """3 t² − 2 t³ of t = z + ½, between 0 and 1: the second derivative alone jumps, at ±½."""

    lowest = 0.0
    highest = 1.0

    def value(self, z: Array) -> Array:
        t = np.clip(z + 0.5, 0, 1)
        return t * t * (3 - 2 * t)

    def derivative(self, z: Array) -> Array:
        t = np.clip(z + 0.5, 0, 1)
        return 6 * t * (1 - t)


class Staircase(Elementwise):
    """Five ramps: ten kinks."""

    kinks = (-4.25, -3.75, -2.25, -1.75, -0.25, 0.25, 1.75, 2.25, 3.75, 4.25)
    lowest = 0.0
    highest = 5.0

    def value(self, z: Array) -> Array:
        total = np.zeros_like(z)
        for middle in (-4, -2, 0, 2, 4):
            total += np.clip(z - middle + 0.25, 0, 0.5) * 2
        return total

    def derivative(self, z: Array) -> Array:
        ramps = [np.abs(z - middle) < 0.25 for middle in (-4, -2, 0, 2, 4)]
        return (2 * np.sum(ramps, axis=0)).astype(z.dtype)


class SoftShrink(Elementwise):
    """z, nearer to 0 by a threshold: kinks where the argument says."""

    def __init__(self, threshold: float = 0.5) -> None:
        check_number(self, "threshold", threshold, above=0)
        self.threshold = threshold

    @property
    def kinks(self) -> tuple[float, ...]:  # type: ignore[override]
        return (-self.threshold, self.threshold)

    def value(self, z: Array) -> Array:
        return z - np.clip(z, -self.threshold, self.threshold)

    def derivative(self, z: Array) -> Array:
        return (np.abs(z) > self.threshold).astype(z.dtype)


class HardShrink(Elementwise):
    """z beyond ±½, 0 between: jumps, which are no derivative either."""

    kinks = (-0.5, 0.5)

    def value(self, z: Array) -> Array:
        return np.where(np.abs(z) > 0.5, z, 0).astype(z.dtype)

    def derivative(self, z: Array) -> Array:
        return (np.abs(z) > 0.5).astype(z.dtype)


class SignedRoot(Elementwise):
    """sign(z) √|z|, infinitely steep at 0, where its derivative is said to be 0."""

    kinks = (0.0,)

    def value(self, z: Array) -> Array:
        return np.copysign(np.sqrt(np.abs(z)), z)

    def derivative(self, z: Array) -> Array:
        size = np.abs(z)
        return np.where(size > 0, 0.5 / np.sqrt(np.where(size > 0, size, 1)), 0).astype(z.dtype)


class LearnedSlope(Elementwise):
    """z above 0, a learned slope times z below."""

    kinks = (0.0,)
    slope: Array

    def declare(self, input_shape: Shape) -> None:
        self.parameter("slope", (1,), Constant(0.01))

    def value(self, z: Array) -> Array:
        return np.where(z > 0, z, self.slope * z)

    def derivative(self, z: Array) -> Array:
        return np.where(z > 0, 1, self.slope).astype(z.dtype)

    def backward(self, grad: Array, ctx: Context) -> Array:
        x = ctx.saved.x
        ctx.gradient("slope")[...] = (grad * np.minimum(x, 0)).sum()
        return super().backward(grad, ctx)


class LearnedThreshold(Elementwise):
    """max(z, a learned number): a kink that moves."""

    threshold: Array

    def declare(self, input_shape: Shape) -> None:
        self.parameter("threshold", (1,), Constant(0.2))

    def value(self, z: Array) -> Array:
        return np.maximum(z, self.threshold)

    def derivative(self, z: Array) -> Array:
        return (z > self.threshold).astype(z.dtype)

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("threshold")[...] = (grad * (ctx.saved.x <= self.threshold)).sum()
        return super().backward(grad, ctx)


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


ACTIVATIONS: dict[type[Layer], dict[str, Any]] = {
    Elu: {},
    Selu: {},
    Softsign: {},
    SquaredReLU: {},
    SignedSquare: {},
    SignedLog: {},
    Steep: {},
    SwishByTanh: {},
    Softplus: {},
    HardSigmoid: {},
    HardSwish: {},
    Gelu: {},
    Exponential: {},
    LogCosh: {},
    Smoothstep: {},
    Staircase: {},
    SoftShrink: {},
    HardShrink: {},
    SignedRoot: {},
    LearnedSlope: {},
    LearnedThreshold: {},
    Bump: {},
    Gentle: {},
    RandomSlope: {},
    Sparsemax: {},
    UnitLength: {},
}
