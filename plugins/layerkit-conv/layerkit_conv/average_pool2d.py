"""The mean over windows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import numpy as np

from layerkit import Context, Layer
from layerkit.arguments import check_boolean
from layerkit.types import Array, Shape
from layerkit_conv.arguments import PaddingLike, Pair
from layerkit_conv.images import check_images, count_windows, grid_on
from layerkit_conv.planar import to_images, to_padded
from layerkit_conv.pooling import read_pool
from layerkit_conv.windows import Axis, Grid


@final
class AveragePool2D(Layer):
    """The mean of each window of the image, channel by channel.

    Shapes: x ``(batch, height, width, channels)``, y ``(batch, rows, columns, channels)`` with rows = ⌊(height +
    padding − pool_size) / stride⌋ + 1. Height and width may vary from batch to batch.

    Args:
        pool_size: the window's pixels, for rows and columns or as a pair.
        stride: how far apart windows begin; None: as far as they are long.
        padding: as in ``Conv2D``, on each side less than the window.
        count_include_pad: whether the zeros of the padding count in a mean; if not, it is that of the pixels alone.

    Source: LeCun et al., *Backpropagation applied to handwritten zip code recognition*, Neural Computation 1, 1989.

    >>> from layerkit import Sequential
    >>> from layerkit_conv import AveragePool2D
    >>> Sequential([AveragePool2D(3, stride=2, padding=1)]).initialize((28, 28, 4)).output_shape
    (14, 14, 4)
    """

    recordable = True

    def __init__(
        self,
        pool_size: Pair = 2,
        *,
        stride: Pair | None = None,
        padding: PaddingLike = "valid",
        count_include_pad: bool = True,
    ) -> None:
        self._windows = read_pool(self, pool_size, stride, padding)
        check_boolean(self, "count_include_pad", count_include_pad)
        self.pool_size = pool_size
        self.stride = stride
        self.padding = padding
        self.count_include_pad = count_include_pad

    def build(self, input_shape: Shape) -> Shape:
        channels = check_images(self, input_shape)
        return (*count_windows(self, self._windows, input_shape), channels)

    def forward(self, x: Array, ctx: Context) -> Array:
        grid = ctx.saved.grid = grid_on(self, self._windows, x, ctx)
        images = to_padded(x, grid, ctx, "images")
        y = ctx.scratch("y", (images.shape[0], grid.rows.count, grid.columns.count, x.shape[0]))
        first, *others = (images[:, rows, columns] for rows, columns in grid.pixels)
        y[...] = first
        for pixels in others:
            np.add(y, pixels, out=y)
        self._divide(y, grid)
        return to_images(y)

    def backward(self, grad: Array, ctx: Context) -> Array:
        grid = ctx.saved.grid
        batch, _, _, channels = grad.shape
        delta = ctx.scratch("delta", (channels, grid.rows.count, grid.columns.count, batch))
        delta[...] = grad.transpose(3, 1, 2, 0)
        self._divide(delta, grid)
        below = ctx.scratch("below", (channels, grid.rows.padded, grid.columns.padded, batch))
        below[...] = 0.0
        for rows, columns in grid.pixels:
            np.add(below[:, rows, columns], delta, out=below[:, rows, columns])
        return to_images(below[:, grid.rows.inner, grid.columns.inner])

    def _divide(self, sums: Array, grid: Grid) -> None:
        np.multiply(sums, 1 / (grid.rows.kernel * grid.columns.kernel), out=sums)
        if self.count_include_pad:
            return
        for row, factor in _short(grid.rows):
            np.multiply(sums[:, row], factor, out=sums[:, row])
        for column, factor in _short(grid.columns):
            np.multiply(sums[:, :, column], factor, out=sums[:, :, column])


def _short(axis: Axis) -> Iterator[tuple[int, float]]:
    """The windows that reach past the image, with the share of their pixels that does not, turned over."""
    for window in range(axis.count):
        start = window * axis.stride
        pixels = min(start + axis.kernel, axis.before + axis.length) - max(start, axis.before)
        if pixels < axis.kernel:
            yield window, axis.kernel / pixels
