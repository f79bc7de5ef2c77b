"""Maxout."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_boolean, check_instance, check_integer
from layerkit.initializers.glorot import Glorot
from layerkit.initializers.zeros import Zeros
from layerkit.interfaces.context import Context
from layerkit.interfaces.initializer import Initializer
from layerkit.interfaces.layer import Layer
from layerkit.layers.features import features_of
from layerkit.types import Array, Shape


@final
class Maxout(Layer):
    """y = maxₖ (x Wₖ + bₖ): each output is the largest of several linear ones, on the last axis.

    Shapes: x ``(batch, …, in_features)``, ``weight`` ``(in_features, pieces · units)``, W₁ first, ``bias``
    ``(pieces · units,)``, y ``(batch, …, units)``. The gradient goes to the piece that is the largest, to the first of
    those that are equal.

    Args:
        units: how many outputs.
        pieces: how many linear functions each is the largest of.
        initializer: draws each Wₖ; Glorot's uniform by default.
        bias_initializer: draws b; zeros by default.
        use_bias: False leaves b out.

    Source: Goodfellow, Warde-Farley, Mirza, Courville and Bengio, *Maxout networks*, ICML 2013.

    >>> from layerkit import Maxout, Sequential
    >>> Sequential([Maxout(3, pieces=4)]).initialize(5).parameters["0.weight"].shape
    (5, 12)
    """

    recordable = True
    weight: Array
    bias: Array

    def __init__(
        self,
        units: int,
        *,
        pieces: int = 2,
        initializer: Initializer | None = None,
        bias_initializer: Initializer | None = None,
        use_bias: bool = True,
    ) -> None:
        check_integer(self, "units", units, minimum=1)
        check_integer(self, "pieces", pieces, minimum=1)
        check_instance(self, "initializer", initializer, Initializer, optional=True)
        check_instance(self, "bias_initializer", bias_initializer, Initializer, optional=True)
        check_boolean(self, "use_bias", use_bias)
        self.units = units
        self.pieces = pieces
        self.initializer = initializer
        self.bias_initializer = bias_initializer
        self.use_bias = use_bias

    def build(self, input_shape: Shape) -> Shape:
        features, width = features_of(self, input_shape), int(self.pieces) * int(self.units)
        self.parameter("weight", (features, width), self.initializer or Glorot(), fan_in=features, fan_out=self.units)
        if self.use_bias:
            bias_initializer = self.bias_initializer or Zeros()
            self.parameter("bias", (width,), bias_initializer, fan_in=features, fan_out=self.units, tags=("bias",))
        return (*input_shape[:-1], self.units)

    def forward(self, x: Array, ctx: Context) -> Array:
        scratch, saved = ctx.scratch, ctx.saved
        rows = saved.rows = x.reshape(-1, x.shape[-1])
        z = rows.dot(self.weight, scratch("product", (rows.shape[0], self.weight.shape[1])))
        if self.use_bias:
            np.add(z, self.bias, out=z)
        pieces = z.reshape(-1, self.pieces, self.units)
        first = scratch("largest", (rows.shape[0], self.units), np.dtype(np.intp))
        saved.largest = pieces.argmax(axis=1, out=first)
        y = pieces.max(axis=1, out=scratch("y", (rows.shape[0], self.units)))
        return y.reshape(*x.shape[:-1], self.units)

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        scratch, saved = ctx.scratch, ctx.saved
        count = saved.rows.shape[0]
        upstream = grad.reshape(count, self.units)
        spread = scratch("spread", (count, self.pieces, self.units))
        for piece in range(self.pieces):
            is_largest = np.equal(saved.largest, piece, out=scratch("is largest", upstream.shape, np.dtype(bool)))
            np.multiply(upstream, is_largest, out=spread[:, piece])
        rows = spread.reshape(count, self.weight.shape[1])
        saved.rows.T.dot(rows, ctx.gradient("weight"))
        if self.use_bias:
            scratch.ones(count).dot(rows, ctx.gradient("bias"))
        if not ctx.needs_input_gradient:
            return None
        below = rows.dot(self.weight.T, scratch("gradient", saved.rows.shape))
        return below.reshape(*grad.shape[:-1], below.shape[1])
