"""The inner part of images and sequences."""

from __future__ import annotations

from typing import final

from layerkit import Context, Layer
from layerkit.errors import ShapeError
from layerkit.shapes import with_batch
from layerkit.types import Array, Shape
from layerkit_conv.edges import EdgesOfAxes, check_edges, edges_of


@final
class Cropping(Layer):
    """y is x without its edges, along all axes but those of the batch and the channels. Keeps any dtype.

    Shapes: x ``(batch, time, channels)`` or ``(batch, height, width, channels)``; each axis may vary. ∂x is δ with
    zeros around it.

    Args:
        cropping: how much goes on each side, for all axes, or one for each axis, or ``(before, after)`` for each.

    Raises:
        ShapeError: at build, or in a pass where sizes vary, if nothing would be left.

    >>> from layerkit import Sequential
    >>> from layerkit_conv import Cropping
    >>> Sequential([Cropping(((1, 0), 2))]).initialize((5, 6, 3)).output_shape
    (4, 2, 3)
    """

    recordable = True
    integer_input = "keep"

    def __init__(self, cropping: EdgesOfAxes = 1) -> None:
        check_edges(self, "cropping", cropping)
        self.cropping = cropping

    def build(self, input_shape: Shape) -> Shape:
        edges = edges_of(self, "cropping", self.cropping, input_shape)
        left = [
            None if length is None else length - sum(edge) for length, edge in zip(input_shape[:-1], edges, strict=True)
        ]
        self._require_left(left, input_shape)
        return (*left, input_shape[-1])

    def forward(self, x: Array, ctx: Context) -> Array:
        edges = edges_of(self, "cropping", self.cropping, x.shape[1:])
        lengths = list(zip(x.shape[1:-1], edges, strict=True))
        self._require_left([length - sum(edge) for length, edge in lengths], x.shape[1:])
        ctx.saved.shape = x.shape
        inner = (slice(None), *(slice(before, length - after) for length, (before, after) in lengths))
        ctx.saved.inner = inner
        return x[inner]

    def backward(self, grad: Array, ctx: Context) -> Array:
        below = ctx.scratch("gradient", ctx.saved.shape)
        below[...] = 0.0
        below[ctx.saved.inner] = grad
        return below

    def _require_left(self, left: list[int | None], shape: Shape) -> None:
        if any(length is not None and length < 1 for length in left):
            raise ShapeError(
                f"Cropping: nothing would be left of inputs of {with_batch(shape)} with cropping {self.cropping!r}"
            )
