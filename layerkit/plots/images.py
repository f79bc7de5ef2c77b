"""Which rows of numbers are images, and of which shape."""

from __future__ import annotations

import math
from typing import Any

from layerkit.errors import ArgumentError
from layerkit.shapes import is_many
from layerkit.types import Shape


def image_shape(picture: str, input_shape: Shape, pixels: int, asked: Any) -> tuple[int, int] | None:
    """Height and width of ``pixels`` numbers: what is asked for, or that of an input of images; None if it is none.

    Raises:
        ArgumentError: what is asked for is no shape of so many pixels.
    """
    if asked is not None:
        sides = tuple(asked) if isinstance(asked, (tuple, list)) else ()
        whole = len(sides) == 2 and all(type(side) is int and side > 0 for side in sides)
        if not whole or math.prod(sides) != pixels:
            raise ArgumentError(
                f"{picture}: shape must be (height, width) of the {pixels:,} pixels that there are, got {asked!r}"
            )
        return sides[0], sides[1]
    if is_many(input_shape):
        return None
    sides = tuple(side for side in input_shape if isinstance(side, int))
    if len(sides) == 3 and sides[2] == 1:
        sides = sides[:2]
    return (sides[0], sides[1]) if len(sides) == 2 and math.prod(sides) == pixels else None
