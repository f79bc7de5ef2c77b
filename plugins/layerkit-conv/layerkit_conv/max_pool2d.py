"""The maximum over windows."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit import Context, Layer
from layerkit.types import Array, Shape
from layerkit_conv.arguments import PaddingLike, Pair
from layerkit_conv.images import check_images, count_windows, grid_on
from layerkit_conv.planar import to_images, to_padded
from layerkit_conv.pooling import read_pool


@final
class MaxPool2D(Layer):
    """The largest value in each window of the image, channel by channel; the gradient goes to where it was.

    Where several are the largest, the first in the order of reading gets the gradient. Padding never wins.

    Shapes: x ``(batch, height, width, channels)``, y ``(batch, rows, columns, channels)`` with rows = ⌊(height +
    padding − pool_size) / stride⌋ + 1. Height and width may vary from batch to batch.

    Args:
        pool_size: the window's pixels, for rows and columns or as a pair.
        stride: how far apart windows begin; None: as far as they are long.
        padding: as in ``Conv2D``, on each side less than the window.

    Source: Ranzato, Huang, Boureau and LeCun, *Unsupervised learning of invariant feature hierarchies with applications
    to object recognition*, CVPR 2007.

    >>> from layerkit import Sequential
    >>> from layerkit_conv import MaxPool2D
    >>> Sequential([MaxPool2D(2)]).initialize((24, 24, 8)).output_shape
    (12, 12, 8)
    """

    recordable = True

    def __init__(self, pool_size: Pair = 2, *, stride: Pair | None = None, padding: PaddingLike = "valid") -> None:
        self._windows = read_pool(self, pool_size, stride, padding)
        self.pool_size = pool_size
        self.stride = stride
        self.padding = padding

    def build(self, input_shape: Shape) -> Shape:
        channels = check_images(self, input_shape)
        return (*count_windows(self, self._windows, input_shape), channels)

    def forward(self, x: Array, ctx: Context) -> Array:
        saved = ctx.saved
        grid = saved.grid = grid_on(self, self._windows, x, ctx)
        images = saved.images = to_padded(x, grid, ctx, "images", value=-np.inf)
        y = saved.y = ctx.scratch("y", (images.shape[0], grid.rows.count, grid.columns.count, x.shape[0]))
        first, *others = (images[:, rows, columns] for rows, columns in grid.pixels)
        y[...] = first
        for pixels in others:
            np.maximum(y, pixels, out=y)
        return to_images(y)

    def backward(self, grad: Array, ctx: Context) -> Array:
        saved = ctx.saved
        grid, images, y = saved.grid, saved.images, saved.y
        left = ctx.scratch("left", y.shape)
        left[...] = grad.transpose(3, 1, 2, 0)
        taken = ctx.scratch("taken", y.shape)
        below = ctx.scratch("below", images.shape)
        below[...] = 0.0
        # what the winner takes is gone for those after it
        for rows, columns in grid.pixels:
            np.equal(images[:, rows, columns], y, out=taken)
            np.multiply(taken, left, out=taken)
            np.subtract(left, taken, out=left)
            np.add(below[:, rows, columns], taken, out=below[:, rows, columns])
        return to_images(below[:, grid.rows.inner, grid.columns.inner])
