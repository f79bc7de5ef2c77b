"""The fully connected layer."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_boolean, check_instance, check_integer
from layerkit.initializers.glorot import Glorot
from layerkit.initializers.zeros import Zeros
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.interfaces.initializer import Initializer
from layerkit.interfaces.layer import Layer
from layerkit.layers.features import features_of
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

    recordable = True
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
        features = features_of(self, input_shape)
        initializer = self.initializer or Glorot()
        self.parameter("weight", (features, self.units), initializer, fan_in=features, fan_out=self.units)
        if self.use_bias:
            bias_initializer = self.bias_initializer or Zeros()
            self.parameter("bias", (self.units,), bias_initializer, fan_in=features, fan_out=self.units, tags=("bias",))
        output_shape = (*input_shape[:-1], self.units)
        return output_shape if self.activation is None else self.part("function", self.activation, output_shape)

    def connect(self, ctx: Context) -> None:
        saved = ctx.saved
        saved.rows = None
        saved.function = None if self.activation is None else ctx.part("function")
        saved.weight_gradient, saved.bias_gradient = ctx.gradients.get("weight"), ctx.gradients.get("bias")

    def forward(self, x: Array, ctx: Context) -> Array:
        saved = ctx.saved
        rows = x if x.ndim == 2 else x.reshape(-1, x.shape[-1])
        # in a training loop each batch lies where the last one lay, and then so does all that follows from it
        if rows is not saved.rows:
            saved.rows, saved.transposed = rows, rows.T
            shape = (rows.shape[0], self.units)
            saved.product = ctx.scratch("product", shape)
            saved.z = ctx.scratch("z", shape) if self.use_bias else saved.product
            saved.y = saved.z if x.ndim == 2 else saved.z.reshape(*x.shape[:-1], self.units)
        rows.dot(self.weight, saved.product)
        if self.use_bias:
            np.add(saved.product, self.bias, saved.z)
        return saved.y if saved.function is None else saved.function.forward(saved.y)

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        saved = ctx.saved
        if saved.function is not None:
            grad = saved.function.backward(grad)
        rows = grad if grad.ndim == 2 else grad.reshape(-1, self.units)
        saved.transposed.dot(rows, saved.weight_gradient)
        if self.use_bias:
            ctx.scratch.ones(rows.shape[0]).dot(rows, saved.bias_gradient)
        if not ctx.needs_input_gradient:
            return None
        below = rows.dot(self.weight.T, ctx.scratch("gradient", saved.rows.shape))
        return below if grad.ndim == 2 else below.reshape(*grad.shape[:-1], below.shape[1])
