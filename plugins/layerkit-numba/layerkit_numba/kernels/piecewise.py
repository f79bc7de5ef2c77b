"""The built-in activations of straight pieces, and of a parabola between two."""

from __future__ import annotations

from typing import Any

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Call, Elementwise, LayerKernel, Part, kernel
from layerkit_numba.mathematics import like


@compiled
def between(z: Any, low: float, high: float) -> Any:
    """min(max(z, low), high); NaN stays NaN."""
    least, most = like(low, z), like(high, z)
    z = least if z < least else z
    return most if z > most else z


@compiled
def inside(z: Any, low: float, high: float) -> Any:
    """1 between low and high, else 0, also at both themselves."""
    within = like(low, z) < z < like(high, z)
    return like(1, z) if within else like(0, z)


@compiled
def leaky(z: Any, slope: float) -> Any:
    """max(z, a z)."""
    return z * like(slope, z) if z < like(0, z) else z


@compiled
def leaky_slope(z: Any, slope: float) -> Any:
    """1 above 0, else a."""
    return like(1, z) if z > like(0, z) else like(slope, z)


@compiled
def hard_sigmoid(z: Any) -> Any:
    """min(max(z + 3, 0), 6) / 6."""
    return between(z + like(3, z), 0.0, 6.0) / like(6, z)


@compiled
def hard_sigmoid_slope(z: Any) -> Any:
    """⅙ between −3 and 3, else 0."""
    return inside(z, -3.0, 3.0) / like(6, z)


@compiled
def hard_swish(z: Any) -> Any:
    """z · min(max(z + 3, 0), 6) / 6."""
    return z * hard_sigmoid(z)


@compiled
def hard_swish_slope(z: Any) -> Any:
    """0 up to −3, z / 3 + ½ between, 1 from 3 on."""
    return hard_sigmoid_slope(z) * z + hard_sigmoid(z)


@compiled
def learned(x: Any, y: Any, slope: Any) -> None:
    """max(x, 0) + a · min(x, 0), with an a for each column, or for all."""
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            number = x[row, column]
            y[row, column] = number * slope[column % slope.size] if number < like(0, number) else number


@compiled
def learned_gradient(x: Any, dy: Any, slope: Any, dx: Any) -> None:
    """δ above 0, else a δ."""
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            share = like(1, dy[row, column]) if x[row, column] > like(0, x[row, column]) else slope[column % slope.size]
            dx[row, column] = dy[row, column] * share


@compiled
def slope_gradient(x: Any, dy: Any, gradient: Any) -> None:
    """Σ δ min(x, 0), of each a."""
    for place in range(gradient.size):
        gradient[place] = 0
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            number = x[row, column]
            below = number if number < like(0, number) else like(0, number)
            gradient[column % gradient.size] += dy[row, column] * below


@kernel("layerkit.activations.leaky_relu:LeakyReLU")
def _leaky_relu(part: Part) -> Elementwise:
    return Elementwise(leaky, leaky_slope, constants=(float(part.layer.negative_slope),), keeps_zeros=True)


@kernel("layerkit.activations.prelu:PReLU")
def _prelu(part: Part) -> LayerKernel:
    return LayerKernel(
        forward=(Call(learned, "x:rows", "y:rows", "slope"),),
        parameter_gradients=(Call(slope_gradient, "x:rows", "dy:rows", "gradient slope"),),
        input_gradient=(Call(learned_gradient, "x:rows", "dy:rows", "slope", "dx:rows"),),
        reads_output=False,
        masks="ignored",
    )


@kernel("layerkit.activations.relu6:ReLU6")
def _relu6(part: Part) -> Elementwise:
    return Elementwise(between, inside, constants=(0.0, 6.0), keeps_zeros=True)


@kernel("layerkit.activations.hard_tanh:HardTanh")
def _hard_tanh(part: Part) -> Elementwise:
    return Elementwise(between, inside, constants=(-1.0, 1.0), keeps_zeros=True)


@kernel("layerkit.activations.hard_sigmoid:HardSigmoid")
def _hard_sigmoid(part: Part) -> Elementwise:
    return Elementwise(hard_sigmoid, hard_sigmoid_slope)


@kernel("layerkit.activations.hard_swish:HardSwish")
def _hard_swish(part: Part) -> Elementwise:
    return Elementwise(hard_swish, hard_swish_slope, keeps_zeros=True)
