"""The built-in elementwise activations."""

from __future__ import annotations

from typing import Any

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Elementwise, LayerKernel, Part, kernel
from layerkit_numba.mathematics import exp, like, tanh


@compiled
def sigmoid(z: Any) -> Any:
    """1 / (1 + e⁻ᶻ)."""
    one = like(1, z)
    return one / (one + exp(-z))


@compiled
def sigmoid_slope(y: Any) -> Any:
    """y (1 − y)."""
    return y * (like(1, y) - y)


@compiled
def hyperbolic_tangent(z: Any) -> Any:
    """tanh z."""
    return tanh(z)


@compiled
def hyperbolic_tangent_slope(y: Any) -> Any:
    """1 − y²."""
    return like(1, y) - y * y


@compiled
def rectified(z: Any) -> Any:
    """max(0, z)."""
    # false for NaN, which so stays NaN
    return like(0, z) if z < like(0, z) else z


@compiled
def rectified_slope(y: Any) -> Any:
    """1 where y is above 0, else 0."""
    return like(1, y) if y > like(0, y) else like(0, y)


@kernel("layerkit.activations.sigmoid:Sigmoid")
def _sigmoid(part: Part) -> Elementwise:
    return Elementwise(sigmoid, sigmoid_slope, of="y")


@kernel("layerkit.activations.tanh:Tanh")
def _tanh(part: Part) -> Elementwise:
    return Elementwise(hyperbolic_tangent, hyperbolic_tangent_slope, of="y", keeps_zeros=True)


@kernel("layerkit.activations.relu:ReLU")
def _relu(part: Part) -> Elementwise:
    return Elementwise(rectified, rectified_slope, of="y", keeps_zeros=True)


@kernel("layerkit.activations.identity:Identity")
def _identity(part: Part) -> LayerKernel:
    return LayerKernel(view=True)
