"""Images and sequences made larger, by repetition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import numpy as np

from layerkit import Context, Layer
from layerkit.errors import ArgumentError, ShapeError
from layerkit.shapes import with_batch
from layerkit.types import Array, Shape
from layerkit_conv.arguments import is_integer


@final
class UpSampling(Layer):
    """Every pixel or step is repeated, along all axes but those of the batch and the channels: the nearest neighbour.

    Shapes: x ``(batch, time, channels)`` or ``(batch, height, width, channels)``; each axis may vary. ∂x is the sum of
    δ over the places of each pixel.

    Args:
        size: how often, for all axes, or one for each axis.

    >>> from layerkit import Sequential
    >>> from layerkit_conv import UpSampling
    >>> Sequential([UpSampling((2, 3))]).initialize((5, 6, 3)).output_shape
    (10, 18, 3)
    """

    recordable = True

    def __init__(self, size: int | Sequence[int] = 2) -> None:
        sizes = size if isinstance(size, (tuple, list)) else (size,)
        if not sizes or not all(is_integer(each) and each >= 1 for each in sizes):
            raise ArgumentError(f"UpSampling: size must be an integer of at least 1, or one an axis, got {size!r}")
        self.size = size

    def build(self, input_shape: Shape) -> Shape:
        sizes = self._sizes(input_shape)
        lengths = zip(input_shape[:-1], sizes, strict=True)
        return (*(None if length is None else length * size for length, size in lengths), input_shape[-1])

    def forward(self, x: Array, ctx: Context) -> Array:
        sizes = self._sizes(x.shape[1:])
        # each axis with one behind it for its repetitions
        spread = [axis for pair in zip(x.shape[1:-1], sizes, strict=True) for axis in pair]
        ctx.saved.spread = (x.shape[0], *spread, x.shape[-1])
        single = [axis for length in x.shape[1:-1] for axis in (length, 1)]
        y = ctx.scratch("y", (x.shape[0], *(a * b for a, b in zip(x.shape[1:-1], sizes, strict=True)), x.shape[-1]))
        np.copyto(y.reshape(ctx.saved.spread), x.reshape(x.shape[0], *single, x.shape[-1]))
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        spread = ctx.saved.spread
        repeated = tuple(range(2, len(spread) - 1, 2))
        shape = (spread[0], *spread[1:-1:2], spread[-1])
        return grad.reshape(spread).sum(axis=repeated, out=ctx.scratch("gradient", shape))

    def _sizes(self, shape: Shape) -> tuple[int, ...]:
        axes = len(shape) - 1
        given: Any = self.size
        sizes: tuple[int, ...] = tuple(given) if isinstance(given, (tuple, list)) else (given,) * axes
        if axes < 1 or any(isinstance(axis, tuple) for axis in shape) or len(sizes) != axes:
            raise ShapeError(
                f"UpSampling: size {self.size!r} does not fit inputs of {with_batch(shape)}, which must have one axis "
                "for each between batch and channels"
            )
        return sizes
