"""Small images side by side on one Axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from layerkit.arguments import check_integer
from layerkit.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GAP = 0.12
_CAPTION = 0.3


def grid_of(picture: str, count: int, columns: int | None) -> tuple[int, int]:
    """Rows and columns for so many images; about as many of one as of the other where nobody says.

    Raises:
        ArgumentError: ``columns`` is no number of columns.
    """
    if columns is None:
        columns = math.ceil(math.sqrt(count))
    check_integer(picture, "columns", columns, minimum=1)
    return math.ceil(count / columns), min(columns, count)


def draw_tiles(
    ax: Axes, images: Sequence[Array], columns: int, *, captions: Sequence[str] = (), **style: Any
) -> list[Any]:
    """Each image, ``(height, width)`` or with 3 channels, in a cell of its own, below its caption; what was drawn.

    A cell is 1 wide and as high as the images are for their width.
    """
    height, width = images[0].shape[:2]
    tall = height / width
    high = tall + (_CAPTION if captions else 0.0)
    drawn = []
    for place, image in enumerate(images):
        row, column = divmod(place, columns)
        left, top = column * (1 + _GAP), row * (high + _GAP)
        bottom = top + high
        drawn.append(ax.imshow(image, extent=(left, left + 1, bottom, bottom - tall), aspect="equal", **style))
        if captions:
            ax.text(left + 0.5, bottom - tall - 0.03, captions[place], ha="center", va="bottom", fontsize="x-small")
    rows = math.ceil(len(images) / columns)
    across = min(columns, len(images))
    ax.set_xlim(-_GAP / 2, across * (1 + _GAP) - _GAP / 2)
    ax.set_ylim(rows * (high + _GAP) - _GAP / 2, -_GAP / 2)
    ax.set_axis_off()
    return drawn
