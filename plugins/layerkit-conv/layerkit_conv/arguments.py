"""How a person may write what goes along two axes: one number for both, or a pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from layerkit.errors import ArgumentError

Pair: TypeAlias = int | Sequence[int]
"""One integer for rows and columns alike, or ``(rows, columns)``."""

PaddingLike: TypeAlias = str | int | Sequence[Any]
"""``"valid"``, ``"same"``, an integer, ``(rows, columns)``, or ``((top, bottom), (left, right))``."""

Edges: TypeAlias = tuple[int, int]


def read_pair(owner: object, name: str, value: Any, *, minimum: int) -> tuple[int, int]:
    """The pair that is meant: ``3`` is ``(3, 3)``.

    Raises:
        ArgumentError: not an integer or two of them, or one below ``minimum``.
    """
    pair = (value, value) if is_integer(value) else tuple(value) if isinstance(value, (tuple, list)) else ()
    if len(pair) == 2 and all(is_integer(each) and each >= minimum for each in pair):
        return int(pair[0]), int(pair[1])
    raise ArgumentError(
        f"{type(owner).__name__}: {name} must be an integer of at least {minimum}, or a pair of them "
        f"(rows, columns), got {value!r}"
    )


def read_padding(owner: object, value: Any) -> tuple[Edges, Edges] | None:
    """How much is added on each side, ``((top, bottom), (left, right))``; None where ``"same"`` leaves it open.

    Raises:
        ArgumentError: another word, a negative number, or something else.
    """
    if value == "valid":
        return (0, 0), (0, 0)
    if value == "same":
        return None
    axes = (value, value) if is_integer(value) else value
    if isinstance(axes, (tuple, list)) and len(axes) == 2:
        edges = [(axis, axis) if is_integer(axis) else tuple(axis) if _is_sequence(axis) else () for axis in axes]
        if all(len(edge) == 2 and all(is_integer(side) and side >= 0 for side in edge) for edge in edges):
            return (int(edges[0][0]), int(edges[0][1])), (int(edges[1][0]), int(edges[1][1]))
    raise ArgumentError(
        f"{type(owner).__name__}: padding must be 'valid', 'same', an integer of at least 0, (rows, columns), or "
        f"((top, bottom), (left, right)), got {value!r}"
    )


def is_integer(value: Any) -> bool:
    """Whether a value is an integer; booleans are none here."""
    return isinstance(value, int) and not isinstance(value, bool)


def _is_sequence(value: Any) -> bool:
    return isinstance(value, (tuple, list))
