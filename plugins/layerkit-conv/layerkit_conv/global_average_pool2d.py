"""The mean over whole images."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit import Context, Layer
from layerkit.types import Array, Shape
from layerkit_conv.images import check_images
from layerkit_conv.planar import to_images, to_planar


@final
class GlobalAveragePool2D(Layer):
    """The mean of each channel: ``(batch, height, width, channels)`` to ``(batch, channels)``.

    Height and width may vary from batch to batch. The gradient with respect to each pixel is that of the mean, divided
    by the number of pixels.

    Source: Lin, Chen and Yan, *Network in network*, ICLR 2014.

    >>> from layerkit import Sequential
    >>> from layerkit_conv import GlobalAveragePool2D
    >>> Sequential([GlobalAveragePool2D()]).initialize((None, None, 8)).output_shape
    (8,)
    """

    recordable = True

    def build(self, input_shape: Shape) -> Shape:
        return (check_images(self, input_shape),)

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.shape = x.shape
        batch, height, width, channels = x.shape
        pixels = to_planar(x, ctx, "images").reshape(channels, height * width, batch)
        means = np.add.reduce(pixels, axis=1, out=ctx.scratch("means", (channels, batch)))
        y = ctx.scratch("y", (batch, channels))
        np.multiply(means.T, 1 / (height * width), out=y)
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        batch, height, width, channels = ctx.saved.shape
        share = ctx.scratch("share", (channels, 1, 1, batch))
        np.multiply(grad.T, 1 / (height * width), out=share[:, 0, 0])
        below = ctx.scratch("below", (channels, height, width, batch))
        below[...] = share
        return to_images(below)
