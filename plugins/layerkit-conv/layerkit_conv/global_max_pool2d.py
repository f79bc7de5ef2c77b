"""The maximum over whole images."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit import Context, Layer
from layerkit.types import Array, Shape
from layerkit_conv.images import check_images
from layerkit_conv.planar import to_images, to_planar


@final
class GlobalMaxPool2D(Layer):
    """The largest value of each channel: ``(batch, height, width, channels)`` to ``(batch, channels)``.

    Height and width may vary from batch to batch. The gradient goes to the largest pixel, to the first in the order of
    reading where several are.

    Source: Oquab, Bottou, Laptev and Sivic, *Is object localization for free?*, CVPR 2015.

    >>> from layerkit import Sequential
    >>> from layerkit_conv import GlobalMaxPool2D
    >>> Sequential([GlobalMaxPool2D()]).initialize((None, None, 8)).output_shape
    (8,)
    """

    def build(self, input_shape: Shape) -> Shape:
        return (check_images(self, input_shape),)

    def forward(self, x: Array, ctx: Context) -> Array:
        batch, height, width, channels = ctx.saved.shape = x.shape
        pixels = to_planar(x, ctx, "images").reshape(channels, height * width, batch)
        places = ctx.saved.places = np.argmax(pixels, axis=1)[:, None]
        y = ctx.scratch("y", (batch, channels))
        y[...] = np.take_along_axis(pixels, places, axis=1)[:, 0].T
        return y

    def backward(self, grad: Array, ctx: Context) -> Array:
        batch, height, width, channels = ctx.saved.shape
        below = ctx.scratch("below", (channels, height * width, batch))
        below[...] = 0.0
        np.put_along_axis(below, ctx.saved.places, grad.T[:, None], axis=1)
        return to_images(below.reshape(channels, height, width, batch))
