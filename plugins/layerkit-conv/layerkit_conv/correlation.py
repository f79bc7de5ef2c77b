"""A convolution, its transpose, and its gradient with respect to the weights: a matrix product for each tile.

``weight`` is ``(kernel rows, kernel columns, channels of a group, filters)`` throughout, images are planar and padded,
and maps – a value for each filter and window – are planar, ``(filters, rows, columns, batch)``.

Source: Chellapilla, Puri and Simard, *High performance convolutional neural networks for document processing*, 2006.
"""

from __future__ import annotations

import numpy as np

from layerkit import Context
from layerkit.types import Array
from layerkit_conv.unfolding import Unfolding
from layerkit_conv.windows import Grid


def correlate(images: Array, weight: Array, maps: Array, grid: Grid, groups: int, ctx: Context) -> None:
    """Each filter's product with each window: fills ``maps``."""
    unfolding = Unfolding(grid, images, groups, ctx)
    filters = by_group(weight, groups).transpose(0, 2, 1)
    grouped = maps.reshape(groups, maps.shape[0] // groups, *maps.shape[1:])
    for tile in unfolding.tiles:
        target = unfolding.target(grouped, tile)
        np.matmul(filters, unfolding.unfold(tile), out=target)
        unfolding.write(grouped, target, tile)


def spread(maps: Array, weight: Array, images: Array, grid: Grid, groups: int, ctx: Context) -> None:
    """The transpose: each value of ``maps`` times its filter, added up over the windows in ``images``."""
    images[...] = 0.0
    unfolding = Unfolding(grid, images, groups, ctx)
    filters = by_group(weight, groups)
    grouped = maps.reshape(groups, maps.shape[0] // groups, *maps.shape[1:])
    for tile in unfolding.tiles:
        columns = unfolding.columns(tile)
        np.matmul(filters, unfolding.read(grouped, tile), out=columns)
        unfolding.fold(columns, tile)


def differentiate(images: Array, maps: Array, gradient: Array, grid: Grid, groups: int, ctx: Context) -> None:
    """The gradient with respect to the weights, of Σ maps · correlate(images, weight): fills ``gradient``."""
    unfolding = Unfolding(grid, images, groups, ctx)
    filters = by_group(gradient, groups)
    grouped = maps.reshape(groups, maps.shape[0] // groups, *maps.shape[1:])
    if not unfolding.tiles:
        gradient[...] = 0.0
    for number, tile in enumerate(unfolding.tiles):
        target = ctx.scratch("share", filters.shape) if number else filters
        np.matmul(unfolding.unfold(tile), unfolding.read(grouped, tile).transpose(0, 2, 1), out=target)
        if number:
            np.add(filters, target, out=filters)


def by_group(weight: Array, groups: int) -> Array:
    """``weight`` as a matrix for each group, ``(groups, kernel · channels of a group, filters of a group)``: a view."""
    filters = weight.shape[-1]
    return weight.reshape(-1, groups, filters // groups).transpose(1, 0, 2)
