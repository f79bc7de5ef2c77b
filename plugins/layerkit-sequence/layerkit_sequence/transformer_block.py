"""A block of a Transformer."""

from __future__ import annotations

from typing import final

from layerkit import (
    Activation,
    Context,
    Dense,
    Dropout,
    Initializer,
    Layer,
    LayerNormalization,
    ReLU,
    Residual,
    Sequential,
)
from layerkit.arguments import check_boolean, check_instance, check_integer, check_number
from layerkit.types import Array, Shape
from layerkit_sequence.attention import MultiHeadSelfAttention


@final
class TransformerBlock(Layer):
    """u = x + attention(norm(x)), y = u + W₂ f(W₁ norm(u) + b₁) + b₂: attention, then a network for each step.

    Both stand behind a layer normalisation and beside a way around, and in training dropout follows both. Such blocks
    in a row are a Transformer's encoder; with ``causal``, where no step reads a later one, they are one that writes
    text.

    Shapes: x and y ``(batch, time, features)``. What ``mask`` leaves out is not read from.

    Args:
        features: how many x has.
        heads: of the attention; the features must be a multiple of it.
        hidden: how many units f has; 4 · features if left out.
        causal: whether each step reads from itself and earlier steps only.
        dropout: the probability that a value is dropped, behind the attention and behind the network.
        activation: f; ReLU by default.
        initializer: draws all matrices; Glorot's uniform by default.

    Source: Vaswani et al., *Attention is all you need*, NeurIPS 2017; with the norms in front, Xiong et al., *On layer
    normalization in the transformer architecture*, ICML 2020.

    >>> from layerkit import Repeat, Sequential
    >>> Sequential([Repeat(TransformerBlock(32, 4, causal=True), 2)]).initialize((None, 32)).output_shape
    (None, 32)
    """

    def __init__(
        self,
        features: int,
        heads: int,
        *,
        hidden: int | None = None,
        causal: bool = False,
        dropout: float = 0.0,
        activation: Activation | None = None,
        initializer: Initializer | None = None,
    ) -> None:
        check_integer(self, "features", features, minimum=1)
        check_integer(self, "heads", heads, minimum=1)
        if hidden is not None:
            check_integer(self, "hidden", hidden, minimum=1)
        check_boolean(self, "causal", causal)
        check_number(self, "dropout", dropout, minimum=0, below=1)
        check_instance(self, "activation", activation, Activation, optional=True)
        check_instance(self, "initializer", initializer, Initializer, optional=True)
        self.features = features
        self.heads = heads
        self.hidden = hidden
        self.causal = causal
        self.dropout = dropout
        self.activation = activation
        self.initializer = initializer
        attention = MultiHeadSelfAttention(heads, causal=causal, initializer=initializer)
        wide = Dense(
            4 * features if hidden is None else hidden,
            activation=ReLU() if activation is None else activation,
            initializer=initializer,
        )
        dropped = [Dropout(dropout)] if dropout else []
        self._attention = Residual(Sequential([LayerNormalization(), attention, *dropped]))
        narrow = [wide, Dense(features, initializer=initializer), *(layer.copy() for layer in dropped)]
        self._network = Residual(Sequential([LayerNormalization(), *narrow]))

    def build(self, input_shape: Shape) -> Shape:
        return self.part("network", self._network, self.part("attention", self._attention, input_shape))

    def connect(self, ctx: Context) -> None:
        attention = ctx.part("attention")
        attention.needs_input_gradient = ctx.needs_input_gradient
        ctx.part("network").needs_input_gradient = ctx.needs_input_gradient or attention.trainable

    def forward(self, x: Array, ctx: Context) -> Array:
        y: Array = ctx.part("network").forward(ctx.part("attention").forward(x))
        return y

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        between = ctx.part("network").backward(grad)
        return None if between is None else ctx.part("attention").backward(between)
