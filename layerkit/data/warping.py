"""Images read at other places: shifted, turned, stretched, bent."""

from __future__ import annotations

import numpy as np

from layerkit.types import Array


def smoothed(fields: Array, sigma: float) -> Array:
    """Fields ``(…, height, width)`` convolved with a Gaussian of ``sigma`` pixels, of sum 1, with 0 around them."""
    height, width = fields.shape[-2:]
    down, right = (_kernel(length, sigma).astype(fields.dtype) for length in (height, width))
    found: Array = down @ fields @ right
    return found


def _kernel(length: int, sigma: float) -> Array:
    apart = np.arange(length)[:, np.newaxis] - np.arange(length)
    # far enough out for the sum to be that of all
    reach = int(10 * sigma) + 1
    whole = np.arange(-reach, reach + 1)
    weights: Array = np.exp(-0.5 * (apart / sigma) ** 2) / np.exp(-0.5 * (whole / sigma) ** 2).sum()
    return weights


def sampled(images: Array, rows: Array, columns: Array, fill: float) -> Array:
    """Images ``(n, height, width, channels)`` at places ``(n, height, width)``, by bilinear interpolation.

    What lies outside of an image is ``fill``.
    """
    count, height, width, channels = images.shape
    # a border of what is outside, so that every neighbour is in the array
    framed = np.full((count, height + 2, width + 2, channels), fill, images.dtype)
    framed[:, 1:-1, 1:-1] = images
    rows, columns = rows + 1, columns + 1
    np.clip(rows, 0, height + 1, out=rows)
    np.clip(columns, 0, width + 1, out=columns)
    top, left = np.minimum(np.floor(rows), height), np.minimum(np.floor(columns), width)
    rows -= top
    columns -= left
    line = width + 2
    first = top.astype(np.intp)
    first *= line
    first += left.astype(np.intp)
    first += np.arange(count)[:, np.newaxis, np.newaxis] * ((height + 2) * line)
    # one number a place is taken much faster than a row of one
    flat = framed.reshape(-1) if channels == 1 else framed.reshape(-1, channels)

    def taken(places: Array) -> Array:
        # none lies outside, and that need not be looked for
        return flat.take(places, axis=0, mode="clip").reshape(count, height, width, channels)

    down, right = rows[..., np.newaxis], columns[..., np.newaxis]
    above = _between(taken(first), taken(first + 1), right)
    first += line
    return _between(above, _between(taken(first), taken(first + 1), right), down)


def _between(one: Array, other: Array, share: Array) -> Array:
    """One plus so large a share of the way to the other; in the memory of the first."""
    other -= one
    other *= share
    one += other
    return one
