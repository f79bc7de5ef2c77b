"""A package of somebody else's components, which brings its own kernels, in the first form of the interface."""

from __future__ import annotations

from typing import Any

import numpy as np
from layerkit_numba import Call, CostKernel, Elementwise, LayerKernel, Part, UpdateKernel, compiled, exp, kernel, like

from layerkit import Activation, Constant, Context, Cost, Layer, Optimizer
from layerkit.types import Array, Shape


class Swish(Activation):
    """z σ(βz)."""

    elementwise = True
    monotonic = False

    def __init__(self, beta: float = 1.0) -> None:
        self.beta = beta

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x / (1 + np.exp(-self.beta * x))

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad * self.derivative(ctx.saved.x)

    def derivative(self, z: Array) -> Array:
        sigmoid = 1 / (1 + np.exp(-self.beta * z))
        return sigmoid + self.beta * z * sigmoid * (1 - sigmoid)


class Scale(Layer):
    """One learned factor a feature."""

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("factor", input_shape, Constant(1.5))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x * self.factor

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("factor")[...] = (grad * ctx.saved.x).sum(axis=0)
        return grad * self.factor


class Doubled(Cost):
    """Σ (a − y)²."""

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        costs: Array = ((prediction - target) ** 2).sum(axis=tuple(range(1, prediction.ndim)))
        return costs

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return 2 * (prediction - target)


class HalfStep(Optimizer):
    """θ ← θ − ½ η g."""

    def __init__(self, learning_rate: float = 0.1) -> None:
        self.learning_rate = learning_rate

    def update(self, parameters: Array, gradient: Array, ctx: Any) -> None:
        parameters -= gradient.dtype.type(0.5 * ctx.learning_rate) * gradient


@compiled
def swish(z: Any, beta: float) -> Any:
    return z / (like(1, z) + exp(-like(beta, z) * z))


@compiled
def swish_slope(z: Any, beta: float) -> Any:
    sigmoid = like(1, z) / (like(1, z) + exp(-like(beta, z) * z))
    return sigmoid + like(beta, z) * z * sigmoid * (like(1, z) - sigmoid)


@compiled
def scale_forward(x: Any, factor: Any, y: Any) -> None:
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            y[row, column] = x[row, column] * factor[column]


@compiled
def scale_gradient(dy: Any, x: Any, gradient: Any) -> None:
    gradient[:] = 0
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            gradient[column] += dy[row, column] * x[row, column]


@kernel(Swish)
def _swish(part: Part) -> Elementwise:
    return Elementwise(swish, swish_slope, of="z", constants=(part.layer.beta,))


@kernel(Scale)
def _scale(part: Part) -> LayerKernel:
    return LayerKernel(
        forward=(Call(scale_forward, "x", "factor", "y"),),
        parameter_gradients=(Call(scale_gradient, "dy", "x", "gradient factor"),),
        input_gradient=(Call(scale_forward, "dy", "factor", "dx"),),
        reads_output=False,
    )


@compiled
def doubled(prediction: Any, target: Any, costs: Any, gradient: Any) -> None:
    for row in range(prediction.shape[0]):
        costs[row] = 0
        for column in range(prediction.shape[1]):
            gap = prediction[row, column] - target[row, column]
            costs[row] += gap * gap
            gradient[row, column] = like(2, gap) * gap


@compiled
def half_step(parameters: Any, gradient: Any, rate: float, share: float) -> None:
    for place in range(parameters.size):
        parameters[place] -= like(share * rate, gradient[place]) * gradient[place]


@kernel(Doubled)
def _doubled(cost: Any, shape: Any, dtype: Any) -> CostKernel:
    return CostKernel((Call(doubled, "prediction:table", "target:table", "costs", "gradient:table"),))


@kernel(HalfStep)
def _half_step(optimizer: Any, slices: Any) -> UpdateKernel:
    return UpdateKernel(update=(Call(half_step, "parameters", "gradient", "rate", 0.5),))
