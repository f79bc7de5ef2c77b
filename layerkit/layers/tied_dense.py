"""A dense layer with the matrix of another one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import numpy as np

from layerkit.arguments import check_boolean, check_instance, check_integer
from layerkit.errors import ArgumentError, ShapeError
from layerkit.initializers.zeros import Zeros
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.context import Context
from layerkit.interfaces.initializer import Initializer
from layerkit.interfaces.layer import Layer
from layerkit.layers.dense import Dense
from layerkit.layers.embedding import Embedding
from layerkit.shapes import with_batch
from layerkit.types import Array, Shape


@final
class TiedDense(Layer):
    """y = f(x Mᵀ + b), on the last axis, where M is another layer's: an Embedding's table or the weight of a Dense.

    So a network scores its words by the vectors that it reads them by, or decodes with the matrix that it encodes with.
    The other layer stands in the network too, in another place; M is one parameter, saved once and moved once, by the
    sum of both gradients. Whatever freezes one of the two freezes M.

    Shapes: x ``(batch, …, width)`` for an Embedding of ``(count, width)``, y ``(batch, …, count)``; x
    ``(batch, …, units)`` for a Dense of ``units`` on inputs of n features, y ``(batch, …, n)``. With δ the gradient
    after f's backward pass: ∂M = Σ δᵀ x, ∂b = Σ δ, ∂x = δ M.

    Args:
        layer: the Embedding or the Dense whose matrix it is; that very object, not a copy.
        units: how many outputs: of a Dense, the number of its inputs; of an Embedding, as many as it has tokens, which
            need not be said.
        activation: f; None leaves the output linear.
        bias_initializer: draws b; zeros by default.
        use_bias: False leaves b out.

    Raises:
        ShapeError: at build, if the matrix has another form.

    Source: Press and Wolf, *Using the output embedding to improve language models*, EACL 2017.

    >>> from layerkit import Dense, Embedding, Sequential, Tanh, TiedDense
    >>> words = Embedding(50, 8)
    >>> model = Sequential([words, Dense(8, activation=Tanh()), TiedDense(words, use_bias=False)]).initialize(3)
    >>> model.output_shape, list(model.parameters)
    ((3, 50), ['0.table', '1.weight', '1.bias'])
    >>> encoder = Dense(4)
    >>> Sequential([encoder, TiedDense(encoder, units=20)]).initialize(20).output_shape
    (20,)
    """

    recordable = True
    bias: Array

    def __init__(
        self,
        layer: Dense | Embedding,
        *,
        units: int | None = None,
        activation: Activation | None = None,
        bias_initializer: Initializer | None = None,
        use_bias: bool = True,
    ) -> None:
        if not isinstance(layer, (Dense, Embedding)):
            raise ArgumentError(
                f"TiedDense: layer must be the Dense or the Embedding whose matrix it is, got {layer!r}"
            )
        if units is None and isinstance(layer, Dense):
            raise ArgumentError("TiedDense: units must be said, the number of inputs of the Dense whose matrix it is")
        if units is not None:
            check_integer(self, "units", units, minimum=1)
        if isinstance(layer, Embedding) and units not in (None, layer.count):
            raise ArgumentError(f"TiedDense: units must be the Embedding's {layer.count} tokens, got {units}")
        check_instance(self, "activation", activation, Activation, optional=True)
        check_instance(self, "bias_initializer", bias_initializer, Initializer, optional=True)
        check_boolean(self, "use_bias", use_bias)
        self.layer = layer
        self.units = units
        self.activation = activation
        self.bias_initializer = bias_initializer
        self.use_bias = use_bias

    def build(self, input_shape: Shape) -> Shape:
        layer = self.layer
        units, width = (layer.count, layer.width) if isinstance(layer, Embedding) else (self.units, layer.units)
        if not input_shape or input_shape[-1] != width:
            raise ShapeError(
                f"TiedDense: the matrix of {layer!r} takes inputs of {width} features, got {with_batch(input_shape)}"
            )
        # never run: as a part it has a gradient of its own for this use, and layerkit adds both up
        own = input_shape[:-1] if isinstance(layer, Embedding) else (*input_shape[:-1], units)
        self.part("tied", layer, own)
        if self.use_bias:
            initializer = self.bias_initializer or Zeros()
            self.parameter("bias", (units,), initializer, fan_in=width, fan_out=units, tags=("bias",))
        output_shape = (*input_shape[:-1], units)
        return output_shape if self.activation is None else self.part("function", self.activation, output_shape)

    def connect(self, ctx: Context) -> None:
        tied = ctx.part("tied")
        matrix = tied.gradients.get(self._name)
        ctx.saved.matrix_gradient = matrix
        ctx.saved.others = tuple(
            array for each in _contexts(tied) for array in each.gradients.values() if array is not matrix
        )
        ctx.saved.function = None if self.activation is None else ctx.part("function")

    def forward(self, x: Array, ctx: Context) -> Array:
        matrix = self._matrix()
        rows = ctx.saved.rows = x.reshape(-1, x.shape[-1])
        z = rows.dot(matrix.T, ctx.scratch("z", (rows.shape[0], matrix.shape[0])))
        if self.use_bias:
            z = np.add(z, self.bias, out=ctx.scratch("y", z.shape))
        y = z.reshape(*x.shape[:-1], matrix.shape[0])
        return y if ctx.saved.function is None else ctx.saved.function.forward(y)

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        saved = ctx.saved
        if saved.function is not None:
            grad = saved.function.backward(grad)
        rows = grad.reshape(-1, grad.shape[-1])
        rows.T.dot(saved.rows, saved.matrix_gradient)
        for array in saved.others:
            array[...] = 0.0
        if self.use_bias:
            ctx.scratch.ones(rows.shape[0]).dot(rows, ctx.gradient("bias"))
        if not ctx.needs_input_gradient:
            return None
        below = rows.dot(self._matrix(), ctx.scratch("gradient", saved.rows.shape))
        return below.reshape(*grad.shape[:-1], below.shape[1])

    @property
    def _name(self) -> str:
        return "table" if isinstance(self.layer, Embedding) else "weight"

    def _matrix(self) -> Array:
        layer = self.layer
        return layer.table if isinstance(layer, Embedding) else layer.weight


def _contexts(ctx: Context) -> Iterator[Context]:
    yield ctx
    for part in ctx.parts:
        yield from _contexts(part)
