"""A way around other layers, with a gate."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.activations.sigmoid import Sigmoid
from layerkit.arguments import check_instance
from layerkit.errors import ShapeError
from layerkit.initializers.constant import Constant
from layerkit.initializers.glorot import Glorot
from layerkit.interfaces.context import Context
from layerkit.interfaces.initializer import Initializer
from layerkit.interfaces.layer import Layer
from layerkit.layers.features import features_of
from layerkit.shapes import with_batch
from layerkit.types import Array, Shape


@final
class Highway(Layer):
    """y = g · f(x) + (1 − g) · x, with the gate g = σ(x W + b): f is another layer that keeps the shape.

    Shapes: x and y ``(batch, …, features)``; ``weight`` W ``(features, features)``, ``bias`` b ``(features,)``. With
    γ = δ (f(x) − x) g (1 − g): ∂W = Σ xᵀγ, ∂b = Σ γ, and ∂x = δ (1 − g) + γ Wᵀ, with what f's backward pass makes of
    δ g added.

    Args:
        layer: f, such as ``Dense(features, activation=ReLU())``.
        initializer: draws W; Glorot's uniform by default.
        bias_initializer: draws b; −2 by default, so that at first most of x goes around.

    Raises:
        ShapeError: at build, if f changes the shape.

    Source: Srivastava, Greff and Schmidhuber, *Training very deep networks*, NIPS 2015.

    >>> from layerkit import Dense, Highway, Repeat, Sequential, Tanh
    >>> Sequential([Dense(8), Repeat(Highway(Dense(8, activation=Tanh())), 10)]).initialize(5).output_shape
    (8,)
    """

    recordable = True
    weight: Array
    bias: Array

    def __init__(
        self,
        layer: Layer,
        *,
        initializer: Initializer | None = None,
        bias_initializer: Initializer | None = None,
    ) -> None:
        check_instance(self, "layer", layer, Layer)
        check_instance(self, "initializer", initializer, Initializer, optional=True)
        check_instance(self, "bias_initializer", bias_initializer, Initializer, optional=True)
        self.layer = layer
        self.initializer = initializer
        self.bias_initializer = bias_initializer
        self._sigmoid = Sigmoid()

    def build(self, input_shape: Shape) -> Shape:
        features = features_of(self, input_shape)
        shape = self.part("inner", self.layer, input_shape)
        if shape != input_shape:
            raise ShapeError(
                f"Highway: the inner layer turns {with_batch(input_shape)} into {with_batch(shape)}, which cannot be "
                "mixed with its input; it must keep the shape"
            )
        initializer, bias_initializer = self.initializer or Glorot(), self.bias_initializer or Constant(-2.0)
        self.parameter("weight", (features, features), initializer, fan_in=features, fan_out=features)
        self.parameter("bias", (features,), bias_initializer, fan_in=features, fan_out=features, tags=("bias",))
        self.part("gate", self._sigmoid, input_shape)
        return input_shape

    def connect(self, ctx: Context) -> None:
        ctx.part("inner").needs_input_gradient = ctx.needs_input_gradient

    def forward(self, x: Array, ctx: Context) -> Array:
        scratch, saved = ctx.scratch, ctx.saved
        rows = saved.rows = x.reshape(-1, x.shape[-1])
        z = rows.dot(self.weight, scratch("product", rows.shape))
        np.add(z, self.bias, out=z)
        gate = saved.gate = ctx.part("gate").forward(z.reshape(x.shape))
        # x + g (f(x) − x)
        saved.change = np.subtract(ctx.part("inner").forward(x), x, out=scratch("change", x.shape))
        y = np.multiply(gate, saved.change, out=scratch("y", x.shape))
        return np.add(y, x, out=y)

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        scratch, saved, inner = ctx.scratch, ctx.saved, ctx.part("inner")
        opened = np.multiply(grad, saved.change, out=scratch("opened", grad.shape))
        rows = ctx.part("gate").backward(opened).reshape(saved.rows.shape)
        saved.rows.T.dot(rows, ctx.gradient("weight"))
        scratch.ones(rows.shape[0]).dot(rows, ctx.gradient("bias"))
        through = np.multiply(grad, saved.gate, out=scratch("through", grad.shape))
        below = inner.backward(through) if ctx.needs_input_gradient or inner.trainable else None
        if not ctx.needs_input_gradient:
            return None
        gradient = scratch("gradient", grad.shape)
        rows.dot(self.weight.T, gradient.reshape(rows.shape))
        # f may have handed its gradient on as its own
        np.add(gradient, np.subtract(grad, through, out=scratch("around", grad.shape)), out=gradient)
        return gradient if below is None else np.add(gradient, below, out=gradient)
