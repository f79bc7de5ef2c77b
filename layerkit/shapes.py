"""Shapes: how a person may write them, and whether an array has one."""

from __future__ import annotations

from numbers import Integral
from typing import Any

from layerkit.arguments import shown
from layerkit.errors import ArgumentError
from layerkit.types import Shape


def as_shape(value: Any) -> Shape:
    """The shape that a person means: ``784`` is ``(784,)``; a tuple of shapes stands for a tuple of inputs.

    >>> as_shape(784), as_shape([28, 28]), as_shape(((4,), (None, 3)))
    ((784,), (28, 28), ((4,), (None, 3)))
    """
    if _is_length(value):
        value = (value,)
    if isinstance(value, (tuple, list)):
        if value and all(isinstance(part, (tuple, list)) for part in value):
            return tuple(as_shape(part) for part in value)
        if all(axis is None or (_is_length(axis) and axis > 0) for axis in value):
            return tuple(None if axis is None else int(axis) for axis in value)
    raise ArgumentError(
        f"a shape is a positive integer or a tuple of them (None for an axis that varies), without the batch axis; "
        f"got {shown(value)}"
    )


def _is_length(value: Any) -> bool:
    """Whether ``value`` is an integer, Python's or NumPy's (booleans are none here)."""
    # most are Python's own, and asking an abstract class takes long where somebody wrote thousands of axes
    return type(value) is int or (isinstance(value, Integral) and not isinstance(value, bool))


def is_many(shape: Shape) -> bool:
    """Whether ``shape`` stands for a tuple of inputs."""
    return bool(shape) and isinstance(shape[0], tuple)


def fits(actual: tuple[int, ...], shape: Shape) -> bool:
    """Whether an array's axes, the batch axis left out, are those of ``shape``."""
    return len(actual) == len(shape) and all(
        wanted is None or axis == wanted for axis, wanted in zip(actual, shape, strict=True)
    )


def channels_last_hint(shape: Shape) -> str:
    """A word about where channels go, for what may be images with the channels first; else nothing.

    >>> channels_last_hint((3, 32, 32))
    '; channels come last: if these are images with the channels first, give np.moveaxis(x, 1, -1)'
    >>> channels_last_hint((32, 32, 3))
    ''
    """
    may_be = len(shape) == 3 and all(_is_length(axis) for axis in shape) and shape[0] <= 4 < min(shape[1:])
    told = "; channels come last: if these are images with the channels first, give np.moveaxis(x, 1, -1)"
    return told if may_be else ""


def with_batch(shape: Shape) -> str:
    """How a shape is told to a person: ``(batch, 784)``."""
    if is_many(shape):
        return "(" + ", ".join(with_batch(part) for part in shape) + ")"
    return "(" + ", ".join(["batch", *("any" if axis is None else str(axis) for axis in shape)]) + ")"
