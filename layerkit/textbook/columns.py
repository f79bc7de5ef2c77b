"""The assignment's lists of column vectors, as the framework's arrays of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from layerkit.errors import DataError, ShapeError
from layerkit.types import Array


def as_row(column: Any, size: int, name: str) -> Array:
    """A column ``(size, 1)`` as float64 ``(1, size)``.

    Raises:
        ShapeError: it has another shape.
    """
    array = np.asarray(column, np.float64)
    _require(array, size, name)
    return array.reshape(1, size)


def as_rows(columns: Sequence[Any], size: int, name: str) -> Array:
    """Columns ``(size, 1)`` as float64 ``(len(columns), size)``, one row each.

    Raises:
        ShapeError: one has another shape; the message names its place in the list.
    """
    arrays = [np.asarray(column) for column in columns]
    wanted = (size, 1)
    for place, array in enumerate(arrays):
        if array.shape != wanted:
            _require(array, size, f"{name} of example {place}")
    return np.concatenate(arrays, dtype=np.float64).reshape(len(arrays), size)


def split(data: Any, name: str, contents: str) -> tuple[list[Any], list[Any]]:
    """The first and the second members of a list of pairs.

    Raises:
        DataError: it is empty, or no list of pairs.
    """
    if len(data) == 0:
        raise DataError(f"{name} is empty: give a list of {contents} with at least one example")
    try:
        pairs = [(first, second) for first, second in data]
    except (TypeError, ValueError):
        raise DataError(f"{name} must be a list of pairs {contents}") from None
    return [first for first, _ in pairs], [second for _, second in pairs]


def as_labels(labels: Sequence[Any]) -> Array:
    """Integer labels as a vector.

    Raises:
        DataError: they are no integers.
    """
    array = np.array(labels)
    if array.dtype.kind not in "iu" or array.ndim != 1:
        raise DataError(f"test_data must be a list of pairs (x, label) with an integer label, got {labels[0]!r}")
    return array


def _require(array: Array, size: int, name: str) -> None:
    if array.shape != (size, 1):
        hint = f": write {name[:1]}.reshape(-1, 1)" if array.size == size else ""
        raise ShapeError(f"NeuralNetwork: {name} must be a column of shape ({size}, 1), got {array.shape}{hint}")
