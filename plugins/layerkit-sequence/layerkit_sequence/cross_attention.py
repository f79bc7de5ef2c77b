"""Attention to another sequence."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit import Context, Glorot, Initializer, Layer, Zeros
from layerkit.arguments import check_instance, check_integer
from layerkit.errors import ShapeError
from layerkit.shapes import is_many, with_batch
from layerkit.types import Array, Shape
from layerkit_sequence import scaled_dot_product
from layerkit_sequence.masks import place_of
from layerkit_sequence.scaled_dot_product import split


@final
class MultiHeadCrossAttention(Layer):
    """Every step of one sequence takes from the steps of another whose keys are like its query.

    As ``MultiHeadSelfAttention``, but q = x W + b comes from the one, and k, v = s U + c from the other. It takes two
    arrays, so it stands in a ``Graph``: ``(MultiHeadCrossAttention(4), "decoded", "encoded")``.

    Shapes: x ``(batch, time, features)`` and s ``(batch, other time, other features)``; ``query_weight`` W ``(features,
    features)``, ``query_bias`` b ``(features,)``, ``weight`` U ``(other features, 2 · features)`` and ``bias`` c
    ``(2 · features,)``, in the order k, v, each head by head; ``output_weight`` ``(features, features)`` and
    ``output_bias`` ``(features,)``; y ``(batch, time, features)``.

    A pass has one mask. It is that of s, whose steps that do not count are not read from, where it has the length of s;
    it is that of x, whose steps that do not count have zeros as their outputs, where it has the length of x.

    Args:
        heads: how many; the features must be a multiple of it.
        initializer: draws the matrices; Glorot's uniform by default.

    Raises:
        ShapeError: at build, there are not two sequences, or the features are no multiple of ``heads``; in a pass, the
            mask is of neither.

    Source: Vaswani et al., *Attention is all you need*, NeurIPS 2017.

    >>> from layerkit import Sequential
    >>> Sequential([MultiHeadCrossAttention(2)]).initialize(((None, 4), (None, 3))).output_shape
    (None, 4)
    """

    query_weight: Array
    query_bias: Array
    weight: Array
    bias: Array
    output_weight: Array
    output_bias: Array

    def __init__(self, heads: int, *, initializer: Initializer | None = None) -> None:
        check_integer(self, "heads", heads, minimum=1)
        check_instance(self, "initializer", initializer, Initializer, optional=True)
        self.heads = heads
        self.initializer = initializer

    def build(self, input_shape: Shape) -> Shape:
        if (
            not is_many(input_shape)
            or len(input_shape) != 2
            or any(len(shape) != 2 or not isinstance(shape[1], int) for shape in input_shape)
        ):
            raise ShapeError(
                "MultiHeadCrossAttention: takes two sequences (batch, time, features), features known, as a Graph "
                f"hands them on, got inputs of {with_batch(input_shape)}"
            )
        (_, features), (_, other) = input_shape
        if features % self.heads:
            raise ShapeError(
                f"MultiHeadCrossAttention: the features must be a multiple of heads ({self.heads}), got inputs of "
                f"{with_batch(input_shape)}"
            )
        initializer = self.initializer or Glorot()
        self.parameter("query_weight", (features, features), initializer, fan_in=features, fan_out=features)
        self.parameter("query_bias", (features,), Zeros(), tags=("bias",))
        self.parameter("weight", (other, 2 * features), initializer, fan_in=other, fan_out=features)
        self.parameter("bias", (2 * features,), Zeros(), tags=("bias",))
        self.parameter("output_weight", (features, features), initializer, fan_in=features, fan_out=features)
        self.parameter("output_bias", (features,), Zeros(), tags=("bias",))
        shape: Shape = input_shape[0]
        return shape

    def forward(self, x: tuple[Array, Array], ctx: Context) -> Array:
        scratch, saved = ctx.scratch, ctx.saved
        queries, source = x
        batch, time, features = queries.shape
        saved.shapes = queries.shape, source.shape
        unread, idle = self._left_out(queries, source, ctx)
        saved.idle = idle
        saved.rows, saved.sources = queries.reshape(-1, features), source.reshape(-1, source.shape[2])

        asked = saved.rows.dot(self.query_weight, scratch("asked", saved.rows.shape))
        np.add(asked, self.query_bias, asked)
        told = saved.sources.dot(self.weight, scratch("told", (saved.sources.shape[0], 2 * features)))
        np.add(told, self.bias, told)
        q = split(asked, batch, time, self.heads)
        k, v = self._halves(told, batch, source.shape[1])
        read = scaled_dot_product.read(ctx, q, k, v, [] if unread is None else [unread[:, None, None, :]])
        y = read.dot(self.output_weight, scratch("y", read.shape))
        np.add(y, self.output_bias, y)
        y = y.reshape(queries.shape)
        if idle is not None:
            np.copyto(y, 0.0, where=idle[:, :, None])
        return y

    def backward(self, grad: Array, ctx: Context) -> tuple[Array, Array] | None:
        scratch, saved = ctx.scratch, ctx.saved
        (batch, time, features), (_, other_time, other) = saved.shapes
        if saved.idle is not None:
            grad = np.multiply(grad, ~saved.idle[:, :, None], out=scratch("counted gradient", grad.shape))
        rows = grad.reshape(-1, features)
        ones = scratch.ones(rows.shape[0])
        saved.read.T.dot(rows, ctx.gradient("output_weight"))
        ones.dot(rows, ctx.gradient("output_bias"))
        read_gradient = rows.dot(self.output_weight.T, scratch("read gradient", rows.shape))

        asked_gradient = scratch("asked gradient", rows.shape)
        told_gradient = scratch("told gradient", (batch * other_time, 2 * features))
        d_q = split(asked_gradient, batch, time, self.heads)
        scaled_dot_product.gradients(ctx, read_gradient, d_q, *self._halves(told_gradient, batch, other_time))

        saved.rows.T.dot(asked_gradient, ctx.gradient("query_weight"))
        ones.dot(asked_gradient, ctx.gradient("query_bias"))
        saved.sources.T.dot(told_gradient, ctx.gradient("weight"))
        scratch.ones(told_gradient.shape[0]).dot(told_gradient, ctx.gradient("bias"))
        if not ctx.needs_input_gradient:
            return None
        below = asked_gradient.dot(self.query_weight.T, scratch("gradient", rows.shape))
        beside = told_gradient.dot(self.weight.T, scratch("source gradient", saved.sources.shape))
        return below.reshape(grad.shape), beside.reshape(batch, other_time, other)

    def _left_out(self, x: Array, source: Array, ctx: Context) -> tuple[Array | None, Array | None]:
        """The steps of the source that are not read from, and those of x whose outputs are zeros."""
        mask = ctx.mask
        if mask is None:
            return None, None
        fits = [mask.shape == each.shape[:2] for each in (source, x)]
        if not any(fits):
            raise ShapeError(
                f"{place_of(ctx)}: the mask must be (batch, time) booleans of shape {source.shape[:2]}, for the "
                f"sequence that is read, or {x.shape[:2]}; got a mask of shape {mask.shape}"
            )
        left_out = ~mask
        return (left_out if fits[0] else None), (left_out if fits[1] else None)

    def _halves(self, told: Array, batch: int, time: int) -> tuple[Array, Array]:
        """Views of keys and values, ``(batch, heads, time, features / heads)`` each."""
        features = told.shape[1] // 2
        k, v = (split(half, batch, time, self.heads) for half in (told[:, :features], told[:, features:]))
        return k, v
