"""The fully connected layer."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_boolean, check_instance, check_integer
from layerkit.errors import ShapeError
from layerkit.initializers.glorot import Glorot
from layerkit.initializers.zeros import Zeros
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.interfaces.initializer import Initializer
from layerkit.interfaces.layer import Layer
from layerkit.shapes import with_batch
from layerkit.types import Array, Shape


@final
class Dense(Layer):
    """Every output sees every input: y = f(x W + b), on the last axis.

    Shapes: x ``(batch, …, in_features)``, ``weight`` W ``(in_features, units)``, ``bias`` b ``(units,)``, y
    ``(batch, …, units)``. With δ the gradient after f's backward pass: ∂W = Σ xᵀδ and ∂b = Σ δ over all but the last
    axis, ∂x = δ Wᵀ.

    Args:
        units: how many outputs.
        activation: f; None leaves the output linear.
        initializer: draws W; Glorot's uniform by default.
        bias_initializer: draws b; zeros by default.
        use_bias: False leaves b out.

    Source: Rumelhart, Hinton and Williams, *Learning representations by back-propagating errors*, Nature 323, 1986.

    >>> from layerkit import Dense, Sequential
    >>> Sequential([Dense(30)]).initialize(784).parameters["0.weight"].shape
    (784, 30)
    """

    weight: Array
    bias: Array

    def __init__(
        self,
        units: int,
        *,
        activation: Activation | None = None,
        initializer: Initializer | None = None,
        bias_initializer: Initializer | None = None,
        use_bias: bool = True,
    ) -> None:
        check_integer(self, "units", units, minimum=1)
        check_instance(self, "activation", activation, Activation, optional=True)
        check_instance(self, "initializer", initializer, Initializer, optional=True)
        check_instance(self, "bias_initializer", bias_initializer, Initializer, optional=True)
        check_boolean(self, "use_bias", use_bias)
        self.units = units
        self.activation = activation
        self.initializer = initializer
        self.bias_initializer = bias_initializer
        self.use_bias = use_bias

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape or not isinstance(input_shape[-1], int):
            raise ShapeError(
                f"Dense: the last axis of the input must have a known length, got inputs of {with_batch(input_shape)}"
            )
        features = input_shape[-1]
        initializer = self.initializer or Glorot()
        self.parameter("weight", (features, self.units), initializer, fan_in=features, fan_out=self.units)
        if self.use_bias:
            bias_initializer = self.bias_initializer or Zeros()
            self.parameter("bias", (self.units,), bias_initializer, fan_in=features, fan_out=self.units, tags=("bias",))
        output_shape = (*input_shape[:-1], self.units)
        return output_shape if self.activation is None else self.part("function", self.activation, output_shape)

    def forward(self, x: Array, ctx: Context) -> Array:
        if x.ndim > 2:
            leading = x.shape[:-1]
            x = x.reshape(-1, x.shape[-1])
            z = self._linear(x, ctx).reshape(*leading, self.units)
        else:
            z = self._linear(x, ctx)
        ctx.saved.x = x
        return z if self.activation is None else ctx.part("function").forward(z)

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        if self.activation is not None:
            grad = ctx.part("function").backward(grad)
        leading = grad.shape[:-1]
        if len(leading) > 1:
            grad = grad.reshape(-1, self.units)
        x = ctx.saved.x
        np.dot(x.T, grad, out=ctx.gradient("weight"))
        if self.use_bias:
            np.dot(ctx.scratch.ones(grad.shape[0]), grad, out=ctx.gradient("bias"))
        if not ctx.needs_input_gradient:
            return None
        gradient = np.dot(grad, self.weight.T, out=ctx.scratch("gradient", x.shape))
        return gradient.reshape(*leading, x.shape[1]) if len(leading) > 1 else gradient

    def _linear(self, x: Array, ctx: Context) -> Array:
        z = np.dot(x, self.weight, out=ctx.scratch("z", (x.shape[0], self.units)))
        if self.use_bias:
            np.add(z, self.bias, out=z)
        return z
