"""A linear layer with gates."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit import Activation, Context, Glorot, Initializer, Layer, Sigmoid, Zeros
from layerkit.arguments import check_boolean, check_instance, check_integer
from layerkit.errors import ShapeError
from layerkit.shapes import is_many, with_batch
from layerkit.types import Array, Shape


@final
class GatedLinearUnit(Layer):
    """y = (x V + b) · f(x W + c), number by number, on the last axis: values, and the gates that let them through.

    Both are one product: ``weight`` holds V and then W. With u the values, g the gates and δ the gradient with respect
    to y, the one with respect to x V + b is δ g, and the one with respect to x W + c what f makes of δ u; from them
    follow ∂weight, ∂bias and ∂x as for a dense layer.

    Shapes: x ``(batch, …, features)``, ``weight`` ``(features, 2 · units)``, ``bias`` ``(2 · units,)``, y
    ``(batch, …, units)``.

    Args:
        units: how many outputs.
        activation: f; a sigmoid by default. With others it is known by other names, such as ReGLU with ``ReLU()``.
        initializer: draws V and W; Glorot's uniform by default.
        use_bias: False leaves b and c out.

    Source: Dauphin, Fan, Auli and Grangier, *Language modeling with gated convolutional networks*, ICML 2017; Shazeer,
    *GLU variants improve transformer*, 2020.

    >>> from layerkit import Sequential
    >>> Sequential([GatedLinearUnit(3)]).initialize((None, 4)).output_shape
    (None, 3)
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
        use_bias: bool = True,
    ) -> None:
        check_integer(self, "units", units, minimum=1)
        check_instance(self, "activation", activation, Activation, optional=True)
        check_instance(self, "initializer", initializer, Initializer, optional=True)
        check_boolean(self, "use_bias", use_bias)
        self.units = units
        self.activation = activation
        self.initializer = initializer
        self.use_bias = use_bias
        self._function = Sigmoid() if activation is None else activation

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape or is_many(input_shape) or not isinstance(input_shape[-1], int):
            raise ShapeError(
                f"GatedLinearUnit: the last axis must have a known length, got inputs of {with_batch(input_shape)}"
            )
        features, units = input_shape[-1], self.units
        self.parameter("weight", (features, 2 * units), self.initializer or Glorot(), fan_in=features, fan_out=units)
        if self.use_bias:
            self.parameter("bias", (2 * units,), Zeros(), fan_in=features, fan_out=units, tags=("bias",))
        return self.part("function", self._function, (*input_shape[:-1], units))

    def forward(self, x: Array, ctx: Context) -> Array:
        scratch, saved, units = ctx.scratch, ctx.saved, self.units
        rows = saved.rows = x.reshape(-1, x.shape[-1])
        z = rows.dot(self.weight, scratch("product", (rows.shape[0], 2 * units)))
        if self.use_bias:
            np.add(z, self.bias, out=z)
        z = z.reshape(*x.shape[:-1], 2 * units)
        saved.values, saved.gates = z[..., :units], ctx.part("function").forward(z[..., units:])
        return np.multiply(saved.values, saved.gates, out=scratch("y", saved.values.shape))

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        scratch, saved, units = ctx.scratch, ctx.saved, self.units
        count = saved.rows.shape[0]
        both = scratch("both", (*grad.shape[:-1], 2 * units))
        np.multiply(grad, saved.gates, out=both[..., :units])
        opened = np.multiply(grad, saved.values, out=scratch("opened", grad.shape))
        both[..., units:] = ctx.part("function").backward(opened)
        rows = both.reshape(count, 2 * units)
        saved.rows.T.dot(rows, ctx.gradient("weight"))
        if self.use_bias:
            scratch.ones(count).dot(rows, ctx.gradient("bias"))
        if not ctx.needs_input_gradient:
            return None
        below = rows.dot(self.weight.T, scratch("gradient", saved.rows.shape))
        return below.reshape(*grad.shape[:-1], below.shape[1])
