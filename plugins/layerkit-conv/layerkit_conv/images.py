"""Checks of the inputs that layers of images have in common."""

from __future__ import annotations

from layerkit import Context
from layerkit.errors import ShapeError
from layerkit.shapes import channels_last_hint, with_batch
from layerkit.types import Array, Shape
from layerkit_conv.windows import Grid, Windows


def check_images(owner: object, shape: Shape) -> int:
    """The channels of the images that come in; their height and width may vary.

    Raises:
        ShapeError: the inputs are no images ``(batch, height, width, channels)``.
    """
    name = type(owner).__name__
    if len(shape) != 3 or any(isinstance(axis, tuple) for axis in shape):
        hint = ""
        if len(shape) == 2 and not any(isinstance(axis, tuple) for axis in shape):
            hint = f"; for one channel, put Reshape(({shape[0]}, {shape[1]}, 1)) in front"
        raise ShapeError(
            f"{name}: takes images (batch, height, width, channels), got inputs of {with_batch(shape)}{hint}"
        )
    if shape[2] is None:
        raise ShapeError(f"{name}: the number of channels must be known, got inputs of {with_batch(shape)}")
    channels: int = shape[2]
    return channels


def count_windows(owner: object, windows: Windows, shape: Shape) -> tuple[int | None, int | None]:
    """The rows and columns of windows on images of ``shape``; None where the images' size varies.

    Raises:
        ShapeError: the window is larger than the padded image.
    """
    counts = tuple(None if shape[axis] is None else windows.count(axis, shape[axis]) for axis in (0, 1))
    if all(count is None or count >= 1 for count in counts):
        return counts[0], counts[1]
    raise _misfit(type(owner).__name__, windows, shape)


def grid_on(owner: object, windows: Windows, x: Array, ctx: Context) -> Grid:
    """The windows on the images ``x``.

    Raises:
        ShapeError: the window is larger than the padded images: they are of no size known before.
    """
    grid = windows.on(x.shape[1], x.shape[2])
    if grid.rows.count < 1 or grid.columns.count < 1:
        raise _misfit(f"layer {ctx.path} ({type(owner).__name__})", windows, x.shape[1:])
    return grid


def _misfit(name: str, windows: Windows, shape: Shape) -> ShapeError:
    extent = " × ".join(str(windows.extent(axis)) for axis in (0, 1))
    return ShapeError(
        f"{name}: a window of {extent} pixels does not fit on inputs of {with_batch(shape)}, {_padding(windows)}; "
        f"use a smaller window or more padding{channels_last_hint(shape)}"
    )


def _padding(windows: Windows) -> str:
    if not windows.padding or windows.padding == ((0, 0), (0, 0)):
        return "without padding"
    (top, bottom), (left, right) = windows.padding
    return f"padded by {top} + {bottom} rows and {left} + {right} columns"
