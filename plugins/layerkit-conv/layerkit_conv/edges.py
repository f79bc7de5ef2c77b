"""What is added to or taken from the axes between the batch's and the channels'."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from layerkit.errors import ArgumentError, ShapeError
from layerkit.shapes import with_batch
from layerkit.types import Shape
from layerkit_conv.arguments import Edges, is_integer

EdgesOfAxes: TypeAlias = int | Sequence[Any]
"""A number for all sides, or for each axis a number or ``(before, after)``."""


def check_edges(owner: object, name: str, value: Any) -> None:
    """Refuse what is no number of at least 0, nor one for each axis, or a pair of them.

    Raises:
        ArgumentError: the message names the argument.
    """
    entries = value if isinstance(value, (tuple, list)) else (value,)
    for entry in entries:
        sides = entry if isinstance(entry, (tuple, list)) and len(entry) == 2 and entries is value else (entry,)
        if not entries or not all(is_integer(side) and side >= 0 for side in sides):
            break
    else:
        if len(entries):
            return
    raise ArgumentError(
        f"{type(owner).__name__}: {name} must be an integer of at least 0, or for each axis one or (before, after), "
        f"got {value!r}"
    )


def edges_of(owner: object, name: str, value: Any, shape: Shape) -> tuple[Edges, ...]:
    """The edges of each axis of inputs of ``shape`` but the last.

    Raises:
        ShapeError: there is no axis between, or another number of them.
    """
    axes = len(shape) - 1
    if axes < 1 or any(isinstance(axis, tuple) for axis in shape):
        raise ShapeError(
            f"{type(owner).__name__}: takes sequences (batch, time, channels) or images (batch, height, width, "
            f"channels), got inputs of {with_batch(shape)}"
        )
    entries = value if isinstance(value, (tuple, list)) else (value,) * axes
    if len(entries) != axes:
        raise ShapeError(
            f"{type(owner).__name__}: {name} is given for {len(entries)} axes, and inputs of {with_batch(shape)} have "
            f"{axes} between batch and channels"
        )
    return tuple((entry, entry) if isinstance(entry, int) else (entry[0], entry[1]) for entry in entries)
