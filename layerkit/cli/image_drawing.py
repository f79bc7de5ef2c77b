"""Small images drawn with characters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from layerkit.types import Array, Value

_SHADES = {False: " ░▒▓█", True: " .+%#"}
_HALVES = {False: " ▄▀█", True: " .'#"}
_LARGEST = 64
_SMALL = 14
_GAP = 3


def as_images(x: Value) -> Array | None:
    """The brightness, ``(n, height, width)``, 0 to 1, where ``x`` holds images; None where it does not.

    Images have two axes of pixels, and perhaps a third of 1 or 3 channels.
    """
    if not isinstance(x, np.ndarray) or x.ndim not in (3, 4) or x.dtype.kind not in "fiub":
        return None
    if x.ndim == 4:
        if x.shape[3] not in (1, 3):
            return None
        x = x.mean(axis=3)
    if not all(4 <= side <= _LARGEST for side in x.shape[1:]):
        return None
    images = x.astype(np.float64)
    images -= images.min(axis=(1, 2), keepdims=True)
    return images / np.maximum(images.max(axis=(1, 2), keepdims=True), 1e-12)


def drawn(images: Array, captions: Sequence[str], *, width: int, plain: bool = False) -> list[str]:
    """As many of the images side by side as fit into ``width``, each below its caption; ``plain``: in ASCII.

    Small ones are drawn in shades, two characters a pixel; others in two tones, two pixels a character.
    """
    small = images.shape[1] <= _SMALL
    if small:
        pictures = [_shaded(image, plain) for image in images]
    else:
        images = _cropped(images)
        pictures = [_halved(image, plain) for image in images]
    columns = images.shape[2] * (2 if small else 1)
    cell = max(columns, *map(len, captions))
    count = max(1, (width + _GAP) // (cell + _GAP))
    blocks = [[caption, *picture] for caption, picture in zip(captions, pictures, strict=True)][:count]
    gap = " " * _GAP
    return [gap.join(line.ljust(cell) for line in lines).rstrip() for lines in zip(*blocks, strict=True)]


def _cropped(images: Array) -> Array:
    """Without the margins that are dark in all of them."""
    rows = np.flatnonzero(images.max(axis=(0, 2)) > 0)
    columns = np.flatnonzero(images.max(axis=(0, 1)) > 0)
    if not len(rows):
        return images
    return images[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _shaded(image: Array, plain: bool) -> list[str]:
    shades = _SHADES[plain]
    levels = np.minimum((image * len(shades)).astype(int), len(shades) - 1)
    return ["".join(shades[level] * 2 for level in row) for row in levels.tolist()]


def _halved(image: Array, plain: bool) -> list[str]:
    bright = image > 0.5
    if len(bright) % 2:
        bright = np.concatenate([bright, np.zeros_like(bright[:1])])
    signs = 2 * bright[0::2] + bright[1::2]
    return ["".join(_HALVES[plain][sign] for sign in row) for row in signs.tolist()]
