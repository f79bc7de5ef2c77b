"""The built-in activations made of exponentials, and softsign."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from layerkit.constants import GELU_CUBIC, GELU_FACTOR, GELU_FURTHEST, SELU_ALPHA, SELU_SCALE
from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Elementwise, Part, kernel
from layerkit_numba.kernels.piecewise import between
from layerkit_numba.mathematics import exp, like, tanh
from layerkit_numba.normal import gaussian, normal_distribution

_FURTHEST = -1000.0
_STRAIGHT = 20.0
_PEAK = 1 / math.sqrt(2 * math.pi)


@compiled
def logistic(z: Any) -> Any:
    """σ(z) = 1 / (1 + e⁻ᶻ)."""
    one = like(1, z)
    return one / (one + exp(-z))


@compiled
def exponential_minus_one(z: Any) -> Any:
    """eᶻ − 1 for z ≤ 0: 2t / (1 − t), t = tanh(z/2)."""
    half = tanh(like(0.5, z) * z)
    return (half + half) / (like(1, z) - half)


@compiled
def exponential_linear(z: Any, alpha: float, scale: float) -> Any:
    """Scale · z above 0, and scale · alpha · (eᶻ − 1) below."""
    zero = like(0, z)
    below = like(scale * alpha, z) * exponential_minus_one(zero if z > zero else z)
    return like(scale, z) * z if z > zero else below


@compiled
def exponential_linear_slope(z: Any, alpha: float, scale: float) -> Any:
    """Scale above 0, and scale · alpha · eᶻ below."""
    zero = like(0, z)
    below = like(scale * alpha, z) * exp(zero if z > zero else z)
    return like(scale, z) if z > zero else below


@compiled
def continuous_exponential_linear(z: Any, alpha: float) -> Any:
    """max(z, 0) + alpha · (e^(min(z, 0) / alpha) − 1)."""
    zero = like(0, z)
    below = like(alpha, z) * exponential_minus_one((zero if z > zero else z) / like(alpha, z))
    return z if z > zero else below


@compiled
def continuous_exponential_linear_slope(z: Any, alpha: float) -> Any:
    """e^(min(z, 0) / alpha)."""
    zero = like(0, z)
    return exp((zero if z > zero else z) / like(alpha, z))


@compiled
def exponential(z: Any) -> Any:
    """eᶻ."""
    return exp(z)


@compiled
def itself(y: Any) -> Any:
    """The slope of eᶻ."""
    return y


@compiled
def softplus(z: Any) -> Any:
    """max(z, 0) + log(1 + e^−|z|)."""
    return (z if z > like(0, z) else like(0, z)) + np.log1p(exp(-abs(z)))


@compiled
def softsign(z: Any) -> Any:
    """z / (1 + |z|)."""
    return z / (like(1, z) + abs(z))


@compiled
def softsign_slope(z: Any) -> Any:
    """1 / (1 + |z|)²."""
    inverse = like(1, z) / (like(1, z) + abs(z))
    return inverse * inverse


@compiled
def silu(z: Any) -> Any:
    """z σ(z)."""
    # σ ends at 0, so z ends as well
    furthest = like(_FURTHEST, z)
    return (furthest if z < furthest else z) * logistic(z)


@compiled
def silu_slope(z: Any) -> Any:
    """σ(z) + z σ(z) (1 − σ(z))."""
    share = logistic(z)
    return share + silu(z) * (like(1, z) - share)


@compiled
def mish_share(z: Any) -> Any:
    """tanh(log(1 + eᶻ)) = n / (n + 2), n = eᶻ (eᶻ + 2)."""
    two = like(2, z)
    straight = like(_STRAIGHT, z)
    power = exp(straight if z > straight else z)
    number = power * (power + two)
    return number / (number + two)


@compiled
def mish(z: Any) -> Any:
    """z tanh(log(1 + eᶻ))."""
    return z * mish_share(z)


@compiled
def mish_slope(z: Any) -> Any:
    """n / (n + 2) + 4 z eᶻ (1 + eᶻ) / (n + 2)²."""
    straight = like(_STRAIGHT, z)
    near = straight if z > straight else z
    power = exp(near)
    whole = power * (power + like(2, z)) + like(2, z)
    # divided twice, for the square of the sum is too large for float32
    return like(4, z) * near * (power * (power + like(1, z)) / whole / whole) + mish_share(z)


@compiled
def gelu_value(z: Any) -> Any:
    """z Φ(z)."""
    return z * normal_distribution(z)


@compiled
def gelu_slope(z: Any) -> Any:
    """Φ(z) + z e^(−z²/2) / √(2π)."""
    return normal_distribution(z) + like(_PEAK, z) * z * gaussian(z)


@compiled
def gelu_share(z: Any, furthest: float, factor: float, cubic: float) -> Any:
    """σ(z (factor + factor · cubic · z²))."""
    cut = between(z, -furthest, furthest)
    return logistic(cut * (like(factor, z) + like(factor * cubic, z) * (cut * cut)))


@compiled
def approximate_gelu(z: Any, furthest: float, factor: float, cubic: float) -> Any:
    """½ z (1 + tanh(√(2/π) (z + 0.044715 z³))) = z σ(u)."""
    least = like(-furthest, z)
    return (least if z < least else z) * gelu_share(z, furthest, factor, cubic)


@compiled
def approximate_gelu_slope(z: Any, furthest: float, factor: float, cubic: float) -> Any:
    """σ(u) + z σ(u) (1 − σ(u)) u′."""
    cut = between(z, -furthest, furthest)
    share = gelu_share(z, furthest, factor, cubic)
    steepness = like(factor, z) + like(3 * factor * cubic, z) * (cut * cut)
    return share + approximate_gelu(z, furthest, factor, cubic) * (like(1, z) - share) * steepness


@kernel("layerkit.activations.elu:ELU")
def _elu(part: Part) -> Elementwise:
    return _exponential_linear(float(part.layer.alpha), 1.0)


@kernel("layerkit.activations.selu:SELU")
def _selu(part: Part) -> Elementwise:
    return _exponential_linear(SELU_ALPHA, SELU_SCALE)


def _exponential_linear(alpha: float, scale: float) -> Elementwise:
    return Elementwise(exponential_linear, exponential_linear_slope, constants=(alpha, scale), keeps_zeros=True)


@kernel("layerkit.activations.celu:CELU")
def _celu(part: Part) -> Elementwise:
    functions = continuous_exponential_linear, continuous_exponential_linear_slope
    return Elementwise(*functions, constants=(float(part.layer.alpha),), keeps_zeros=True)


@kernel("layerkit.activations.exponential:Exponential")
def _exponential(part: Part) -> Elementwise:
    return Elementwise(exponential, itself, of="y")


@kernel("layerkit.activations.softplus:Softplus")
def _softplus(part: Part) -> Elementwise:
    return Elementwise(softplus, logistic)


@kernel("layerkit.activations.softsign:Softsign")
def _softsign(part: Part) -> Elementwise:
    return Elementwise(softsign, softsign_slope, keeps_zeros=True)


@kernel("layerkit.activations.silu:SiLU")
def _silu(part: Part) -> Elementwise:
    return Elementwise(silu, silu_slope, keeps_zeros=True)


@kernel("layerkit.activations.mish:Mish")
def _mish(part: Part) -> Elementwise:
    return Elementwise(mish, mish_slope, keeps_zeros=True)


@kernel("layerkit.activations.gelu:GELU")
def _gelu(part: Part) -> Elementwise:
    if not part.layer.approximate:
        return Elementwise(gelu_value, gelu_slope, keeps_zeros=True)
    constants = (GELU_FURTHEST, GELU_FACTOR, GELU_CUBIC)
    return Elementwise(approximate_gelu, approximate_gelu_slope, constants=constants, keeps_zeros=True)
