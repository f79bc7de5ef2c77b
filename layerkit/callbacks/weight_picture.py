"""Weights as one grey image."""

from __future__ import annotations

import math

import numpy as np

from layerkit.shapes import is_many
from layerkit.types import Array, Shape

_MOST_UNITS = 256
_MOST_PIXELS = 2**20


def weight_picture(values: Array, input_shape: Shape) -> Array | None:
    """Weights ``(inputs, units)`` or ``(rows, columns, channels, filters)`` as uint8 ``(height, width)``; else None.

    A unit whose weights are as many as the pixels of the model's input is an image of that shape, a filter one for each
    channel; all stand side by side with a gap of one pixel. Other matrices are one image. Black is the least weight,
    white the largest.

    >>> weight_picture(np.array([[0.0, 1.0], [2.0, 4.0]]), (2,)).tolist()
    [[0, 128], [64, 255]]
    """
    if values.ndim not in (2, 4) or not values.size or not np.isfinite(values).all():
        return None
    sides = () if is_many(input_shape) else tuple(side for side in input_shape if isinstance(side, int))
    sides = sides[:2] if sides[2:] == (1,) else sides
    if values.ndim == 4:
        images = values.transpose(3, 2, 0, 1).reshape(-1, *values.shape[:2])
    elif len(sides) == 2 and math.prod(sides) == len(values):
        images = values.T.reshape(-1, *sides)
    else:
        images = values.T[np.newaxis]
    if images[0].size > _MOST_PIXELS:
        return None
    images = images[: min(_MOST_UNITS, _MOST_PIXELS // images[0].size)].astype(np.float64)
    low, high = float(images.min()), float(images.max())
    grey = np.rint((images - low) * (255 / ((high - low) or 1.0))).astype(np.uint8)
    across = math.ceil(math.sqrt(len(grey)))
    height, width = grey.shape[1:]
    whole = np.zeros((-(-len(grey) // across) * (height + 1) - 1, across * (width + 1) - 1), np.uint8)
    for place, image in enumerate(grey):
        top, left = place // across * (height + 1), place % across * (width + 1)
        whole[top : top + height, left : left + width] = image
    return whole
