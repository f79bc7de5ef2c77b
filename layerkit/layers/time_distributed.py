"""A layer for each step of a sequence."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_instance
from layerkit.errors import ShapeError
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import IntegerInput, Layer
from layerkit.shapes import is_many, with_batch
from layerkit.types import Array, Shape


@final
class TimeDistributed(Layer):
    """yₜ = f(xₜ) for each step t: x is ``(batch, time, …)``, and f sees ``(batch · time, …)``, each step as an example.

    Under a mask f sees the steps that count alone, and no mask; the output of those left out is zeros. So what stands
    there has no influence, not on statistics of a batch either. Layers such as ``Dense``, which act on the last axis,
    need no such container: it is for those that take an example whole, such as a network of images for each frame.

    Args:
        layer: f.

    Raises:
        ShapeError: at build, if x has no axis of time or f several outputs; in a pass, if the mask is of another shape.

    >>> from layerkit import Dense, Flatten, Sequential
    >>> Sequential([TimeDistributed(Sequential([Flatten(), Dense(3)]))]).initialize((None, 4, 4)).output_shape
    (None, 3)
    """

    recordable = True
    output_part = "inner"

    def __init__(self, layer: Layer) -> None:
        check_instance(self, "layer", layer, Layer)
        self.layer = layer

    @property
    def integer_input(self) -> IntegerInput:  # type: ignore[override]
        """What the layer makes of integers."""
        return self.layer.integer_input

    def build(self, input_shape: Shape) -> Shape:
        if not input_shape or is_many(input_shape):
            raise ShapeError(f"TimeDistributed: takes one array (batch, time, …), got {with_batch(input_shape)}")
        shape = self.part("inner", self.layer, input_shape[1:])
        if is_many(shape):
            raise ShapeError(f"TimeDistributed: its layer must give one array a step, not {with_batch(shape)}")
        return (input_shape[0], *shape)

    def connect(self, ctx: Context) -> None:
        ctx.part("inner").needs_input_gradient = ctx.needs_input_gradient

    def forward(self, x: Array, ctx: Context) -> Array:
        batch, time = x.shape[:2]
        ctx.saved.steps = batch, time
        ctx.saved.counted = counted = self._counted(x, ctx)
        rows = x.reshape(batch * time, *x.shape[2:])
        if counted is not None:
            out = ctx.scratch("x", (counted.size, *rows.shape[1:]), rows.dtype)
            rows = np.take(rows, counted, axis=0, out=out, mode="clip")
        with ctx.masked(None):
            y = ctx.part("inner").forward(rows)
        return _spread(y, ctx, "y").reshape(batch, time, *y.shape[1:])

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        batch, time = ctx.saved.steps
        counted = ctx.saved.counted
        rows = grad.reshape(batch * time, *grad.shape[2:])
        if counted is not None:
            out = ctx.scratch("grad", (counted.size, *rows.shape[1:]))
            rows = np.take(rows, counted, axis=0, out=out, mode="clip")
        with ctx.masked(None):
            below = ctx.part("inner").backward(rows)
        if below is None:
            return None
        return _spread(below, ctx, "gradient").reshape(batch, time, *below.shape[1:])

    def _counted(self, x: Array, ctx: Context) -> Array | None:
        """The rows of the steps that count; None where all do."""
        mask = ctx.mask
        if mask is None:
            return None
        if mask.shape != x.shape[:2]:
            raise ShapeError(
                f"layer {ctx.path} (TimeDistributed): the mask must be (batch, time) booleans of shape {x.shape[:2]}, "
                f"for inputs {x.shape}; got a mask of shape {mask.shape}"
            )
        return np.flatnonzero(mask)


def _spread(rows: Array, ctx: Context, name: str) -> Array:
    """A row for each step: zeros for those that do not count."""
    batch, time = ctx.saved.steps
    counted = ctx.saved.counted
    if counted is None:
        return rows
    spread = ctx.scratch(name, (batch * time, *rows.shape[1:]), rows.dtype)
    spread[...] = 0
    spread[counted] = rows
    return spread
