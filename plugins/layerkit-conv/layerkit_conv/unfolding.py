"""Windows of images as the columns of matrices, a tile at a time."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit import Context
from layerkit.types import Array
from layerkit_conv.tiles import Tile, tiles
from layerkit_conv.windows import Grid


@final
class Unfolding:
    """The windows on padded planar images, ``(channels, height, width, batch)``, unfolded into matrices (im2col).

    A tile becomes one matrix for each group of channels, ``(groups, kernel rows · kernel columns · channels of a group,
    windows)``. All tiles use the same memory, so what it takes does not depend on the size of the batch.
    """

    def __init__(self, grid: Grid, padded: Array, groups: int, ctx: Context) -> None:
        channels, self._batch = padded.shape[0], padded.shape[3]
        self._grid = grid
        self._ctx = ctx
        self._groups = groups
        self._channels = channels // groups
        self._depth = grid.rows.kernel * grid.columns.kernel * self._channels
        self._images = padded.reshape(groups, self._channels, *padded.shape[1:])
        # windows of one pixel each, side by side, are the images as they are
        whole = (grid.rows.count, grid.columns.count) == padded.shape[1:3]
        self._pixelwise = whole and grid.rows.kernel == grid.columns.kernel == 1
        self.tiles = tiles(grid, self._batch, self._depth * groups * padded.itemsize)
        self._capacity = max((tile.count for tile in self.tiles), default=0)

    def unfold(self, tile: Tile) -> Array:
        """The tile's windows, copied out of the images (a view of them where it can be)."""
        if self._pixelwise and tile.columns is not None:
            return self._images.reshape(self._groups, self._channels, -1)[:, :, tile.columns]
        columns = self.columns(tile)
        windows = self._by_position(columns, tile)
        for row, column in self._grid.positions:
            windows[:, row, column] = self._pixels(row, column, tile)
        return columns

    def fold(self, columns: Array, tile: Tile) -> None:
        """Add the tile's windows to the images: the transpose of ``unfold`` (col2im)."""
        windows = self._by_position(columns, tile)
        for row, column in self._grid.positions:
            pixels = self._pixels(row, column, tile)
            np.add(pixels, windows[:, row, column], out=pixels)

    def columns(self, tile: Tile) -> Array:
        """Memory for the tile's matrices."""
        return self._matrices("columns", self._depth, tile)

    def target(self, values: Array, tile: Tile) -> Array:
        """Where to compute the tile's part of ``values``, ``(groups, channels, height, width, batch)``, as matrices."""
        groups, channels = values.shape[:2]
        if tile.columns is None:
            return self._matrices("piece", channels, tile)
        return values.reshape(groups, channels, -1)[:, :, tile.columns]

    def read(self, values: Array, tile: Tile) -> Array:
        """The tile's part of ``values`` as matrices: a view where the tile holds the whole batch."""
        matrices = self.target(values, tile)
        if tile.columns is None:
            place = values[:, :, tile.rows, :, tile.batch]
            matrices.reshape(place.shape)[...] = place
        return matrices

    def write(self, values: Array, matrices: Array, tile: Tile) -> None:
        """Put in its place what was computed in ``target``."""
        if tile.columns is None:
            place = values[:, :, tile.rows, :, tile.batch]
            place[...] = matrices.reshape(place.shape)

    def _pixels(self, row: int, column: int, tile: Tile) -> Array:
        rows = self._grid.rows.pixels(row, tile.rows.start, tile.rows.stop)
        pixels: Array = self._images[:, :, rows, self._grid.columns.pixels(column), tile.batch]
        return pixels

    def _by_position(self, columns: Array, tile: Tile) -> Array:
        rows, width = tile.rows.stop - tile.rows.start, self._grid.columns.count
        kernel = (self._grid.rows.kernel, self._grid.columns.kernel)
        return columns.reshape(self._groups, *kernel, self._channels, rows, width, tile.batch.stop - tile.batch.start)

    def _matrices(self, name: str, height: int, tile: Tile) -> Array:
        # the last tile may be smaller than the others: it takes the front of their memory
        memory = self._ctx.scratch(name, (self._groups * height * self._capacity,))
        return memory[: self._groups * height * tile.count].reshape(self._groups, height, tile.count)
