"""Sequences ``(batch, time, channels)`` as images of one column."""

from __future__ import annotations

from typing import Any

from layerkit.arguments import check_integer
from layerkit.errors import ArgumentError, ShapeError
from layerkit.shapes import with_batch
from layerkit.types import Array, Shape
from layerkit_conv.arguments import Edges, is_integer
from layerkit_conv.windows import Windows


def check_sequences(owner: object, shape: Shape) -> int:
    """The channels of the sequences that come in; their length may vary.

    Raises:
        ShapeError: the inputs are no sequences ``(batch, time, channels)``.
    """
    name = type(owner).__name__
    if len(shape) != 2 or any(isinstance(axis, tuple) for axis in shape):
        hint = f"; for one channel, put Reshape(({shape[0]}, 1)) in front" if len(shape) == 1 else ""
        raise ShapeError(f"{name}: takes sequences (batch, time, channels), got inputs of {with_batch(shape)}{hint}")
    if shape[1] is None:
        raise ShapeError(f"{name}: the number of channels must be known, got inputs of {with_batch(shape)}")
    channels: int = shape[1]
    return channels


def read_edges(owner: object, value: Any, *, causal: int | None = None) -> Edges | None:
    """How many steps are added before and after; None where ``"same"`` leaves it open.

    ``causal`` is how many ``"causal"`` stands for, if it may be given.

    Raises:
        ArgumentError: another word, a negative number, or something else.
    """
    if value == "valid":
        return 0, 0
    if value == "same":
        return None
    if causal is not None and value == "causal":
        return causal, 0
    edges = (value, value) if is_integer(value) else tuple(value) if isinstance(value, (tuple, list)) else ()
    if len(edges) == 2 and all(is_integer(edge) and edge >= 0 for edge in edges):
        return int(edges[0]), int(edges[1])
    words = "'valid', 'same', 'causal'" if causal is not None else "'valid', 'same'"
    raise ArgumentError(
        f"{type(owner).__name__}: padding must be {words}, an integer of at least 0, or (before, after), got {value!r}"
    )


def windows_over_time(kernel: int, stride: int, dilation: int, edges: Edges | None) -> Windows:
    """Windows of so many steps, on images of one column."""
    return Windows((kernel, 1), (stride, 1), (dilation, 1), None if edges is None else (edges, (0, 0)))


def check_steps(owner: object, **sizes: Any) -> None:
    """Refuse sizes that are no integers of at least 1."""
    for name, value in sizes.items():
        check_integer(owner, name, value, minimum=1)


def count_steps(owner: object, windows: Windows, time: int | None) -> int | None:
    """How many windows lie on ``time`` steps; None where their number varies.

    Raises:
        ShapeError: the window is longer than the padded sequence.
    """
    if time is None:
        return None
    count = windows.count(0, time)
    if count < 1:
        raise misfit(type(owner).__name__, windows, time)
    return count


def misfit(name: str, windows: Windows, time: int) -> ShapeError:
    """What is wrong where a window is longer than a sequence."""
    edges = (0, 0) if windows.padding is None else windows.padding[0]
    return ShapeError(
        f"{name}: a window of {windows.extent(0)} steps does not fit on sequences of {time} steps, padded by "
        f"{edges[0]} + {edges[1]}; use a smaller window or more padding"
    )


def as_images(x: Array) -> Array:
    """``(batch, time, channels)`` as ``(batch, time, 1, channels)``: a view."""
    return x[:, :, None, :]


def as_sequences(images: Array) -> Array:
    """The way back: a view."""
    return images[:, :, 0, :]
