"""Zeros around images and sequences."""

from __future__ import annotations

from typing import final

from layerkit import Context, Layer
from layerkit.types import Array, Shape
from layerkit_conv.edges import EdgesOfAxes, check_edges, edges_of


@final
class ZeroPadding(Layer):
    """y is x with zeros around it, along all axes but those of the batch and the channels.

    Shapes: x ``(batch, time, channels)`` or ``(batch, height, width, channels)``; each axis may vary. ∂x is δ without
    what stands at the places of the zeros.

    Args:
        padding: how many on each side, for all axes, or one for each axis, or ``(before, after)`` for each.

    >>> from layerkit import Sequential
    >>> from layerkit_conv import ZeroPadding
    >>> Sequential([ZeroPadding(((1, 0), 2))]).initialize((5, 6, 3)).output_shape
    (6, 10, 3)
    """

    recordable = True

    def __init__(self, padding: EdgesOfAxes = 1) -> None:
        check_edges(self, "padding", padding)
        self.padding = padding

    def build(self, input_shape: Shape) -> Shape:
        edges = edges_of(self, "padding", self.padding, input_shape)
        lengths = zip(input_shape[:-1], edges, strict=True)
        return (*(None if length is None else length + sum(edge) for length, edge in lengths), input_shape[-1])

    def forward(self, x: Array, ctx: Context) -> Array:
        edges = edges_of(self, "padding", self.padding, x.shape[1:])
        lengths = list(zip(x.shape[1:-1], edges, strict=True))
        inner = ctx.saved.inner = (slice(None), *(slice(before, before + length) for length, (before, _) in lengths))
        y = ctx.scratch("y", (x.shape[0], *(length + sum(edge) for length, edge in lengths), x.shape[-1]))
        y[...] = 0.0
        y[inner] = x
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad[ctx.saved.inner]
