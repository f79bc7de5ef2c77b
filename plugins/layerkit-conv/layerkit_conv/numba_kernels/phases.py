"""What of a window meets which pixel, along one axis: with a stride, not every pixel is met by the same."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

from layerkit_conv.windows import Axis


@final
@dataclass(frozen=True, slots=True)
class AxisPhase:
    """Pixels whose distance from the first window leaves one rest, and the places of the windows that meet them.

    The ``count`` pixels begin at ``pixel`` and lie a stride apart; the first is met by window ``window`` at the place
    in it that would lie on its beginning, the next by the next. Of the windows the ``places`` from ``place`` on meet
    them, ``apart`` from each other: each belongs to a window that lies ``back`` before, and each further one
    ``further`` before that.
    """

    pixel: int
    count: int
    window: int
    place: int
    places: int
    apart: int
    back: int
    further: int


def phases(axis: Axis) -> list[AxisPhase]:
    """The phases of an axis: as many as the stride is long.

    >>> from layerkit_conv.windows import Windows
    >>> even, odd = phases(Windows((3, 3), (2, 2), padding=((1, 1), (1, 1))).on(6, 6).rows)
    >>> (even.pixel, even.count, even.places), (odd.pixel, odd.count, odd.places)
    ((1, 3, 2), (0, 3, 1))
    """
    stride, dilation = axis.stride, axis.dilation
    apart = stride // math.gcd(stride, dilation)
    found = []
    for rest in range(stride):
        pixel = (rest - axis.before) % stride
        count = max(0, math.ceil((axis.length - pixel) / stride))
        window = (pixel + axis.before) // stride
        met = [place for place in range(axis.kernel) if (place * dilation - rest) % stride == 0]
        place = met[0] if met else 0
        back = (place * dilation - rest) // stride if met else 0
        found.append(AxisPhase(pixel, count, window, place, len(met), apart, back, apart * dilation // stride))
    return found


def margins(axis: Axis) -> tuple[int, int]:
    """How many windows before the first and behind the last might meet a pixel of the image."""
    first = -((axis.before - (axis.kernel - 1) * axis.dilation) // -axis.stride)
    last = (axis.before + axis.length - 1) // axis.stride
    return max(0, -first), max(0, last - (axis.count - 1))
