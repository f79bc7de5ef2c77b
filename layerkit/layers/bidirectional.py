"""A layer that reads sequences from both ends."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_instance
from layerkit.errors import ShapeError
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import IntegerInput, Layer
from layerkit.layers.concatenate import Concatenate
from layerkit.layers.copies import with_copies
from layerkit.shapes import is_many, with_batch
from layerkit.types import Array, Shape, Value


@final
class Bidirectional(Layer):
    """y = join(f(x), g(x reversed) reversed again): a layer f, and a copy g of it that reads from the last step on.

    Under a mask the steps that count change places among each other, and the others stay where they are: so g begins
    with the last step that counts, under the same mask, and what stands in the padding has no influence where f heeds
    masks. Where the layer gives one vector a sequence, that of g is joined as it is.

    Shapes: x ``(batch, time, …)``; f gives ``(batch, time, …)``, or ``(batch, features)``.

    Args:
        layer: f, such as a recurrent layer; values that it has already are g's too.
        join: the layer that takes both outputs: ``Concatenate()`` by default, or ``Add()``, ``Average()``, …

    Raises:
        ShapeError: at build, if x has no axis of time, or f neither keeps it nor sums it up.

    Source: Schuster and Paliwal, *Bidirectional recurrent neural networks*, IEEE Transactions on Signal Processing 45,
    1997.

    >>> from layerkit import Dense, Sequential
    >>> Sequential([Bidirectional(Dense(3))]).initialize((None, 4)).output_shape
    (None, 6)
    """

    recordable = True

    def __init__(self, layer: Layer, *, join: Layer | None = None) -> None:
        check_instance(self, "layer", layer, Layer)
        check_instance(self, "join", join, Layer, optional=True)
        self.layer = layer
        self.join = join
        self._ahead, self._back = with_copies(self, "layer", layer, 2)
        self._joined = Concatenate() if join is None else join

    @property
    def integer_input(self) -> IntegerInput:  # type: ignore[override]
        """What the layer makes of integers; where it passes them on, they are cast, for what joins both outputs."""
        return "cast" if self.layer.integer_input == "keep" else self.layer.integer_input

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape or is_many(input_shape):
            raise ShapeError(f"Bidirectional: takes one array (batch, time, …), got {with_batch(input_shape)}")
        shape = self.part("ahead", self._ahead, input_shape)
        if is_many(shape) or not shape or (len(shape) > 1 and shape[0] != input_shape[0]):
            raise ShapeError(
                "Bidirectional: its layer must give (batch, time, …) with the same axis of time, or (batch, features), "
                f"and turns {with_batch(input_shape)} into {with_batch(shape)}"
            )
        self.part("back", self._back, input_shape)
        return self.part("joined", self._joined, (shape, shape))

    def connect(self, ctx: Context) -> None:
        ahead, back, joined = ctx.parts
        ahead.needs_input_gradient = back.needs_input_gradient = ctx.needs_input_gradient
        joined.needs_input_gradient = ctx.needs_input_gradient or ahead.trainable or back.trainable

    def forward(self, x: Array, ctx: Context) -> Value:
        ahead, back, joined = ctx.parts
        ctx.saved.order = _reversed_order(x, ctx)
        one = ahead.forward(x)
        other = back.forward(_turned(x, ctx, "x"))
        ctx.saved.over_time = other.ndim > 2
        if ctx.saved.over_time:
            other = _turned(other, ctx, "y")
        return joined.forward((one, other))

    def backward(self, grad: Value, ctx: Context) -> Array | None:
        ahead, back, joined = ctx.parts
        below = joined.backward(grad)
        if not joined.needs_input_gradient:
            return None
        one, other = below
        if ctx.saved.over_time:
            other = _turned(other, ctx, "grad")
        one, other = (
            part.backward(upstream) if ctx.needs_input_gradient or part.trainable else None
            for part, upstream in ((ahead, one), (back, other))
        )
        if not ctx.needs_input_gradient or one is None or other is None:
            return None
        return np.add(one, _turned(other, ctx, "below"), out=ctx.scratch("gradient", one.shape))


def _reversed_order(x: Array, ctx: Context) -> Array | None:
    """For each row of all steps, the row that takes its place; None where all steps count.

    The same order undoes itself.
    """
    mask = ctx.mask
    if mask is None:
        return None
    if mask.shape != x.shape[:2]:
        raise ShapeError(
            f"layer {ctx.path} (Bidirectional): the mask must be (batch, time) booleans of shape {x.shape[:2]}, for "
            f"inputs {x.shape}; got a mask of shape {mask.shape}"
        )
    counted = np.flatnonzero(mask)
    counts = mask.sum(axis=1)
    # of the steps that count, one after another: where those of its sequence begin, and where they end
    ends = np.repeat(np.cumsum(counts), counts)
    starts = ends - np.repeat(counts, counts)
    order = np.arange(mask.size)
    order[counted] = counted[starts + ends - 1 - np.arange(counted.size)]
    return order


def _turned(value: Array, ctx: Context, name: str) -> Array:
    """The steps that count in reverse order."""
    order = ctx.saved.order
    if order is None:
        return value[:, ::-1]
    rows = value.reshape(order.size, *value.shape[2:])
    turned = np.take(rows, order, axis=0, out=ctx.scratch(name, rows.shape, rows.dtype), mode="clip")
    return turned.reshape(value.shape)
