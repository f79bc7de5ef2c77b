"""Images changed at random each time that they are learned from."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias, final

import numpy as np

from layerkit.arguments import check_choice, check_integer, check_number
from layerkit.calls import Explained
from layerkit.data.warping import sampled, smoothed
from layerkit.errors import ArgumentError, DataError
from layerkit.types import Array

Flip: TypeAlias = Literal["horizontal", "vertical", "both"]
_FLIPS = ("horizontal", "vertical", "both")


_MOST = 10**6
"""More pixels no image has."""

_PIECE = 2**15
"""Numbers of the images that are moved at once."""

_LARGEST = 1e30
"""Larger numbers no image holds; it is of float32, and has room for its sums."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Augmentation(metaclass=Explained):
    """How images ``(n, height, width)`` or ``(n, height, width, channels)`` are changed; each image in a way of its
    own.

    All that moves pixels is one map, and each image is interpolated once, bilinearly. Then comes the cut-out, then the
    noise.

    Args:
        shift: by up to so many pixels, to every side; need not be whole.
        rotate: by up to so many degrees, to both sides.
        scale: by a factor from 1 − scale to 1 + scale; below 1.
        shear: by up to so many degrees, below 90.
        elastic: α of an elastic distortion: each pixel moves by a field of numbers between −1 and 1, smoothed by a
            Gaussian, times α.
        sigma: how many pixels wide that Gaussian is.
        flip: mirrors every other image: ``"horizontal"`` (left and right), ``"vertical"``, or ``"both"``, each for
        itself.
        cut_out: the side of a square that is filled, in whole pixels, its middle anywhere in the image.
        noise: the deviation of normal noise on each number, in the images' own units.
        fill: what lies outside of an image, and in the cut-out.

    Raises:
        ArgumentError: one of these is out of range.

    Source: Simard, Steinkraus and Platt, *Best practices for convolutional neural networks applied to visual document
    analysis*, 2003; DeVries and Taylor, *Improved regularization of convolutional neural networks with cutout*, 2017.

    >>> images = np.zeros((1, 3, 3))
    >>> images[0, 1, 1] = 1
    >>> Augmentation(shift=0.5).apply(images, np.random.default_rng(0))
    >>> images.round(2).tolist()
    [[[0.0, 0.0, 0.0], [0.0, 0.52, 0.06], [0.0, 0.37, 0.04]]]
    """

    shift: float = 0.0
    rotate: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    elastic: float = 0.0
    sigma: float = 4.0
    flip: Flip | None = None
    cut_out: int = 0
    noise: float = 0.0
    fill: float = 0.0

    def __post_init__(self) -> None:
        for name, most in (("shift", _MOST), ("rotate", 360), ("elastic", _MOST), ("noise", _LARGEST)):
            check_number("Augmentation", name, getattr(self, name), minimum=0, maximum=most)
        check_number("Augmentation", "scale", self.scale, minimum=0, below=1)
        check_number("Augmentation", "shear", self.shear, minimum=0, below=90)
        check_number("Augmentation", "sigma", self.sigma, above=0, maximum=_MOST)
        check_integer("Augmentation", "cut_out", self.cut_out, minimum=0, maximum=_MOST)
        check_number("Augmentation", "fill", self.fill, minimum=-_LARGEST, maximum=_LARGEST)
        if self.flip is not None:
            check_choice("Augmentation", "flip", self.flip, _FLIPS)

    def told(self) -> dict[str, Any]:
        """Its arguments, JSON-safe."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def apply(self, images: Array, rng: np.random.Generator) -> None:
        """Change images in place, each by numbers drawn from ``rng``; integers are rounded, and kept in their range.

        Raises:
            DataError: these are no images.
        """
        require_images(images)
        flat = images if images.ndim == 4 else images[..., np.newaxis]
        if not flat.size:
            return
        changed = flat.astype(images.dtype if images.dtype.kind == "f" else np.float32)
        if self.shift or self.rotate or self.scale or self.shear or self.elastic or self.flip:
            self._move(changed, rng)
        if self.cut_out:
            self._cut(changed, rng)
        if self.noise:
            changed += self.noise * rng.standard_normal(changed.shape, np.float32)
        if images.dtype.kind in "iu":
            limits = np.iinfo(images.dtype)
            changed = np.clip(np.rint(changed), limits.min, limits.max)
        flat[...] = changed

    def _move(self, images: Array, rng: np.random.Generator) -> None:
        """Move the pixels of images, in place."""
        count = len(images)
        angle = np.deg2rad(rng.uniform(-self.rotate, self.rotate, count))
        size = rng.uniform(1 - self.scale, 1 + self.scale, count)
        slant = np.tan(np.deg2rad(rng.uniform(-self.shear, self.shear, count)))
        mirror = np.where(rng.random((2, count)) < 0.5, -1.0, 1.0)
        if self.flip not in ("vertical", "both"):
            mirror[0] = 1
        if self.flip not in ("horizontal", "both"):
            mirror[1] = 1
        moved = rng.uniform(-self.shift, self.shift, (2, count))
        motion = np.stack([np.cos(angle) / size, np.sin(angle) / size, slant, *moved, *mirror]).astype(images.dtype)
        # so few at once that all that is made on the way stays in a near cache
        most = max(1, _PIECE // images[0].size)
        for begin in range(0, count, most):
            piece = slice(begin, begin + most)
            places = self._places(images.shape[1:3], motion[:, piece], rng)
            images[piece] = sampled(images[piece], *places, self.fill)

    def _places(self, shape: tuple[int, int], motion: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """Where each pixel of each image is read: its row and its column. ``motion`` ``(7, images)`` says how."""
        (height, width), dtype = shape, motion.dtype
        middle = np.array([(height - 1) / 2, (width - 1) / 2])
        # a number for each image, to be multiplied with its pixels
        cosine, sine, slant, moved_down, moved_right, upright, straight = motion[:, :, np.newaxis, np.newaxis]
        down = (np.arange(height) - middle[0]).astype(dtype)[np.newaxis, :, np.newaxis] - moved_down
        right = (np.arange(width) - middle[1]).astype(dtype)[np.newaxis, np.newaxis, :] - moved_right
        rows = (cosine * down - sine * right) * upright
        columns = (sine * down + cosine * right) * straight + slant * rows
        rows += dtype.type(middle[0])
        columns += dtype.type(middle[1])
        if self.elastic:
            fields = rng.random((2, motion.shape[1], height, width), np.float32).astype(dtype, copy=False)
            bent = smoothed(2 * fields - 1, self.sigma)
            bent *= self.elastic
            rows += bent[0]
            columns += bent[1]
        return rows, columns

    def _cut(self, images: Array, rng: np.random.Generator) -> None:
        count, height, width, _ = images.shape
        half = self.cut_out // 2
        tops = rng.integers(0, height, (count,)) - half
        lefts = rng.integers(0, width, (count,)) - half
        for place in range(count):
            top, left = int(tops[place]), int(lefts[place])
            rows = slice(max(top, 0), max(top + self.cut_out, 0))
            images[place, rows, max(left, 0) : max(left + self.cut_out, 0)] = self.fill


def require_images(x: Any) -> None:
    """Refuse what is no array of images.

    Raises:
        DataError: it has other axes than ``(n, height, width)`` or ``(n, height, width, channels)``.
    """
    if isinstance(x, tuple) or x.ndim not in (3, 4) or x.dtype.kind not in "fiu":
        told = f"{len(x)} arrays" if isinstance(x, tuple) else f"an array of shape {x.shape} and dtype {x.dtype}"
        raise DataError(
            "an augmentation changes images, (n, height, width) or (n, height, width, channels), of numbers; got "
            f"{told}: reshape rows of pixels to images, and put Flatten() first in the network"
        )


def checked_augmentation(owner: str, value: Any) -> Augmentation | None:
    """An augmentation, or None.

    Raises:
        ArgumentError: it is something else.
    """
    if value is not None and not isinstance(value, Augmentation):
        raise ArgumentError(f"{owner}: augmentation must be an Augmentation, or None, got {value!r:.100}")
    return value
