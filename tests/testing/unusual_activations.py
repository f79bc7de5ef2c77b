"""Sound activations of which the slope bends, and has no kink."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Activation, Context, Layer
from layerkit.arguments import check_number
from layerkit.types import Array


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


ACTIVATIONS: dict[type[Layer], dict[str, Any]] = {
    Elu: {},
    Selu: {},
    Softsign: {},
    SquaredReLU: {},
    SignedSquare: {},
    SwishByTanh: {},
    Softplus: {},
    Gelu: {},
}
