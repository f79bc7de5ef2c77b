"""Images with the batch innermost, ``(channels, height, width, batch)``: the order in memory that the layers work in.

Layers pass on ``(batch, height, width, channels)``, as everywhere in layerkit; but what these layers return is a view
of memory in this order, so that the next of them finds its input as it wants it. With the batch innermost a slice of
an image is made of long runs of memory, whatever the number of channels, and that is what NumPy is fast at.
"""

from __future__ import annotations

from typing import Any

from layerkit import Context
from layerkit.types import Array
from layerkit_conv.windows import Grid


def to_planar(x: Array, ctx: Context, name: str) -> Array:
    """``(batch, height, width, channels)`` in this order, contiguous: a view where it lies so already."""
    image = x.transpose(3, 1, 2, 0)
    if image.flags.c_contiguous:
        return image
    copy = ctx.scratch(name, image.shape)
    copy[...] = image
    return copy


def to_padded(x: Array, grid: Grid, ctx: Context, name: str, *, value: float = 0.0) -> Array:
    """The same with ``value`` around the image, where windows reach past it."""
    if not grid.is_padded:
        return to_planar(x, ctx, name)
    image = x.transpose(3, 1, 2, 0)
    rows, columns = grid.rows, grid.columns
    padded = ctx.scratch(name, (image.shape[0], rows.padded, columns.padded, image.shape[3]))
    top, bottom, left, right = rows.inner.start, rows.inner.stop, columns.inner.start, columns.inner.stop
    for border in (
        padded[:, :top],
        padded[:, bottom:],
        padded[:, top:bottom, :left],
        padded[:, top:bottom, right:],
    ):
        if border.size:
            border[...] = value
    padded[:, rows.inner, columns.inner] = image
    return padded


def to_images(planar: Array) -> Any:
    """``(channels, height, width, batch)`` as ``(batch, height, width, channels)``: a view."""
    return planar.transpose(3, 1, 2, 0)
