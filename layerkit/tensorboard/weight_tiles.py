"""What the units of the first layer look for, as one image."""

from __future__ import annotations

import math
from typing import Any, final

import numpy as np

from layerkit.models.model import Model
from layerkit.models.structure import Entry
from layerkit.shapes import is_many
from layerkit.types import Array

_WEIGHT = "weight"
_GAP = 1


@final
class WeightTiles:
    """The weights of the first layer that has some, an image a unit or filter, where they are images.

    Of weights ``(inputs, units)`` they are where the model's input is ``(height, width)``, ``(height, width, 1)`` or,
    in colour, ``(height, width, 3)``, of as many numbers; of filters ``(rows, columns, channels, filters)`` always.
    """

    def __init__(self, model: Model, count: int) -> None:
        self._model = model
        self._count = count

    @property
    def path(self) -> str | None:
        """The path of the weights; None where they are no images."""
        found = self._found()
        return None if found is None else found[0].path

    def drawn(self) -> Array | None:
        """The images side by side, uint8 ``(height, width, 1 or 3)``: grey is 0; None where they are none."""
        found = self._found()
        if found is None:
            return None
        entry, images = found
        values = entry.view(self._model.structure.parameters).astype(np.float64)
        tiles = values.transpose(3, 2, 0, 1) if values.ndim == 4 else values.T
        tiles = np.nan_to_num(tiles.reshape(-1, *images)[: self._count])
        # one scale for all, symmetric around 0
        tiles = 127.5 + 127.5 * tiles / (float(np.abs(tiles).max()) or 1.0)
        return _side_by_side(np.rint(tiles).astype(np.uint8))

    def _found(self) -> tuple[Entry, tuple[int, int, int]] | None:
        """The weights, and the shape of an image: height, width and channels."""
        entries = [each for each in self._model.structure.entries if each.declaration.name == _WEIGHT]
        order = [node.join(_WEIGHT) for node in self._model.structure.node.walk()]
        entries.sort(key=lambda entry: order.index(entry.path))
        if not entries or not math.prod(entries[0].declaration.shape):
            return None
        shape = entries[0].declaration.shape
        if len(shape) == 4:
            return entries[0], (shape[0], shape[1], 1)
        images = _image_shape(self._model.input_shape)
        if len(shape) != 2 or images is None or math.prod(images) != shape[0]:
            return None
        return entries[0], images


def _image_shape(shape: Any) -> tuple[int, int, int] | None:
    if is_many(shape) or not all(isinstance(side, int) for side in shape):
        return None
    sides = (*shape, 1) if len(shape) == 2 else tuple(shape)
    return (sides[0], sides[1], sides[2]) if len(sides) == 3 and sides[2] in (1, 3) else None


def _side_by_side(tiles: Array) -> Array:
    """``(n, height, width, channels)`` as one image, about as many beside as below one another, black in between."""
    count, height, width, channels = tiles.shape
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    image = np.zeros((rows * (height + _GAP) - _GAP, columns * (width + _GAP) - _GAP, channels), np.uint8)
    for place, tile in enumerate(tiles):
        row, column = divmod(place, columns)
        top, left = row * (height + _GAP), column * (width + _GAP)
        image[top : top + height, left : left + width] = tile
    return image
