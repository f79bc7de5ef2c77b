"""Parts of a batch of images, small enough for their windows to be held in memory at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from layerkit_conv.windows import Grid

LIMIT = 16 * 2**20
"""The bytes that the unfolded windows of one tile may take; one row of one image is taken even where it needs more."""


@final
@dataclass(frozen=True, slots=True)
class Tile:
    """The windows in ``rows`` of the images in ``batch``: ``count`` of them.

    In a matrix with a column for each window, in the order (row, column, image), they are ``columns``, if the tile
    holds the whole batch; otherwise they lie apart, and ``columns`` is None.
    """

    rows: slice
    batch: slice
    count: int
    columns: slice | None


def tiles(grid: Grid, batch: int, bytes_per_window: int, *, limit: int | None = None) -> list[Tile]:
    """Tiles that cover the batch, the first as large as any: rows of all images, or where that is too much, of some.

    >>> from layerkit_conv.windows import Windows
    >>> grid = Windows((3, 3), (1, 1)).on(6, 6)
    >>> [(tile.rows, tile.count) for tile in tiles(grid, 2, 36, limit=600)]
    [(slice(0, 2, None), 16), (slice(2, 4, None), 16)]
    """
    height, width = grid.rows.count, grid.columns.count
    allowed = max((LIMIT if limit is None else limit) // bytes_per_window, 1)
    images = max(min(allowed // width, batch), 1)
    rows = max(min(allowed // (width * images), height), 1)
    found = []
    for start in range(0, batch, images):
        stop = min(start + images, batch)
        for first in range(0, height, rows):
            last = min(first + rows, height)
            row = width * (stop - start)
            columns = slice(first * row, last * row) if images == batch else None
            found.append(Tile(slice(first, last), slice(start, stop), (last - first) * row, columns))
    return found
