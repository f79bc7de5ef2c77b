"""Image files as arrays; by Pillow, an extra."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from layerkit.data.data_file import MAXIMUM_BYTES
from layerkit.errors import DatasetError
from layerkit.types import Array

Colour: TypeAlias = Literal["grey", "rgb"]
Fit: TypeAlias = Literal["crop", "pad", "stretch"]

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm", ".pnm")
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
_DEEP = ("I", "I;16", "I;16B", "I;16L", "I;16N")
"""Pillow's modes of integers of more than 8 bits."""
_BRIGHTEST = 65535


def image_files(folder: Path) -> list[Path]:
    """The image files in a folder and below, by their endings, in the order of their paths; but for hidden ones."""
    return sorted(
        Path(inside, name)
        for inside, _, names in os.walk(folder)
        for name in names
        if name.lower().endswith(ENDINGS) and not name.startswith(".")
    )


def require_pillow(place: str) -> None:
    """Say what is missing before anything is read; ``place`` names the file or folder.

    Raises:
        DatasetError: Pillow is not installed.
    """
    try:
        import PIL.Image  # noqa: F401
    except ImportError:
        raise DatasetError(
            f'{place}: images are read by Pillow, which is not installed: pip install "layerkit[images]"'
        ) from None


def read_images(
    paths: Sequence[Path],
    *,
    colour: Colour,
    size: tuple[int, int] | None,
    fit: Fit,
    maximum_bytes: int = MAXIMUM_BYTES,
) -> Array:
    """Images of one size, uint8 ``(n, height, width)``, or ``(n, height, width, 3)`` in colour.

    ``size`` is that of all, ``(height, width)``; None: that of the first, and others are refused.

    Raises:
        DatasetError: Pillow is missing, a file is no image or of another size, or there is more than ``maximum_bytes``.
    """
    require_pillow(str(paths[0].parent))
    # once for all threads, which share the filters
    with warnings.catch_warnings():
        return _read_images(paths, colour, size, fit, maximum_bytes)


def _read_images(
    paths: Sequence[Path], colour: Colour, size: tuple[int, int] | None, fit: Fit, maximum_bytes: int
) -> Array:
    from PIL import Image

    warnings.filterwarnings("ignore", module=r"PIL\.")
    # of so many pixels Pillow warns, and of twice as many it raises an error
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    first = read_image(paths[0], colour=colour, size=size, fit=fit)
    needed = len(paths) * first.nbytes
    if needed > maximum_bytes:
        raise DatasetError(
            f"{paths[0].parent}: {len(paths):,} images of {first.shape} take {needed:,} bytes, more than the "
            f"{maximum_bytes:,} of maximum_bytes: give a smaller size=(height, width), or a larger maximum_bytes"
        )
    images = np.empty((len(paths), *first.shape), np.uint8)
    images[0] = first

    def read(place: int) -> None:
        image = read_image(paths[place], colour=colour, size=size, fit=fit)
        if image.shape != first.shape:
            raise DatasetError(
                f"{paths[place]}: the image is {_sides(image)}, and {paths[0].name} is {_sides(first)}: give "
                "size=(height, width), to which all are brought"
            )
        images[place] = image

    # Pillow decodes outside of the interpreter's lock
    with ThreadPoolExecutor() as threads:
        for _ in threads.map(read, range(1, len(paths))):
            pass
    return images


def read_image(path: Path, *, colour: Colour, size: tuple[int, int] | None, fit: Fit) -> Array:
    """One image, uint8 ``(height, width)`` or ``(height, width, 3)``: upright, over white where it is transparent.

    Of an animation, its first picture. More than 8 bits become 8. ``read_images`` sets the filters of warnings.

    Raises:
        DatasetError: the file cannot be read, is no image, or unpacks to very many pixels.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(path, formats=_FORMATS) as opened:
            image = _plain(ImageOps.exif_transpose(opened), "RGB" if colour == "rgb" else "L")
            return np.array(image if size is None else _brought(image, size[::-1], fit))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise DatasetError(f"{path}: {error}") from error
    except Exception as error:
        # Pillow raises errors of many kinds over a damaged file
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DatasetError(f"{path}: not an image that can be read: {reason or type(error).__name__}") from error


def _plain(image: Any, mode: str) -> Any:
    from PIL import Image

    if image.mode in _DEEP:
        # Pillow itself would cut off all above 255
        deep = np.clip(np.asarray(image).astype(np.int64), 0, _BRIGHTEST)
        image = Image.fromarray(((deep * 255 + _BRIGHTEST // 2) // _BRIGHTEST).astype(np.uint8))
    elif image.mode == "F":
        raise ValueError("it holds floating-point numbers, whose range it does not tell")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        below = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(below, image)
    return image.convert(mode)


def _brought(image: Any, size: tuple[int, int], fit: Fit) -> Any:
    from PIL import ImageOps

    if image.size == size:
        return image
    if fit == "crop":
        return ImageOps.fit(image, size)
    return ImageOps.pad(image, size) if fit == "pad" else image.resize(size)


def _sides(image: Array) -> str:
    return f"{image.shape[0]} × {image.shape[1]}"
