"""Whether arrays can be learned from: numbers that are finite, labels that are classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from layerkit.data.examples import Examples
from layerkit.errors import DatasetError
from layerkit.types import Array

_LARGEST = 2**63 - 1
_PIECE = 2**20


def not_finite_row(array: Array) -> int | None:
    """The first row with NaN or infinity; None if every number is finite. Never makes an array as large as this one."""
    if array.dtype.kind != "f" or not array.size:
        return None
    rows = max(1, _PIECE // max(1, array[0].size))
    for start in range(0, array.shape[0], rows):
        good = np.isfinite(array[start : start + rows])
        if not good.all():
            return start + int(np.argwhere(~good)[0][0])
    return None


def wrong_label_place(labels: Array, classes: int) -> tuple[int, ...] | None:
    """Where the first number stands that is no integer from 0 to ``classes`` − 1; None if there is none."""
    whole = labels.dtype.kind != "f" or bool((labels == np.floor(labels)).all())
    if not labels.size or (whole and labels.min() >= 0 and labels.max() < classes):
        return None
    wrong = (labels < 0) | (labels >= classes) | (labels != np.floor(labels))
    return tuple(int(axis) for axis in np.argwhere(wrong)[0])


def checked_examples(
    place: str,
    x: Array,
    y: Array,
    *,
    classes: tuple[str, ...] | None = None,
    labels: bool | None = None,
    names: tuple[str, ...] | None = None,
    target_name: str | Sequence[str] | None = None,
    words: bool = False,
) -> Examples:
    """Examples of inputs and targets that were read from ``place`` (a file's name, for errors).

    ``x``: ``(n, …)``, kept as it is. ``y``: integers or booleans come back as int64; floats are numbers, and ``(n,)``
    of them come back as ``(n, 1)``. With ``labels`` or ``classes``, whole numbers ``(n,)`` or ``(n, 1)`` are labels and
    come back as int64 ``(n,)``; with ``labels=False`` all are numbers. ``words``: the classes are those found.

    Raises:
        DatasetError: there are no rows, or not as many in ``x`` as in ``y``; a value is NaN or infinite; a label is
            none, negative or not one of ``classes``.
    """
    if x.ndim < 2 or y.ndim < 1 or not x.size or not y.size:
        raise DatasetError(
            f"{place}: x has shape {x.shape} and y has shape {y.shape}; expected rows: (n, features, …) and (n, …)"
        )
    if len(x) != len(y):
        raise DatasetError(f"{place}: {len(x):,} rows of inputs but {len(y):,} of targets; expected as many")
    for name, array in (("x", x), ("y", y)):
        if not_finite_row(array) is not None:
            raise DatasetError(f"{place}: {name} holds NaN or infinite values; remove or replace them")
    rows_of_floats = y.dtype.kind == "f" and y.ndim > 1 and y.shape[1] > 1
    if labels or (classes is not None and not rows_of_floats):
        y = _labels(place, y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y, classes)
    elif y.dtype.kind == "f" or labels is False:
        y = y[:, np.newaxis] if y.ndim == 1 else y
        y = y if y.dtype.kind == "f" else y.astype(np.float64)
    elif y.dtype.kind == "u" and y.max() > _LARGEST:
        raise DatasetError(f"{place}: y holds {y.max()}; integers go up to {_LARGEST}: save floats")
    else:
        y = y.astype(np.int64)
    examples = Examples(x, y, names=names, target_name=target_name, classes=classes, labels=labels)
    examples.from_table, examples.words = True, words
    return examples


def _labels(place: str, y: Array, classes: tuple[str, ...] | None) -> Array:
    wrong = wrong_label_place(y, 2**31 if classes is None else len(classes))
    if wrong is not None:
        allowed = "0, 1, 2, …; name others by classes" if classes is None else f"0 to {len(classes) - 1}"
        raise DatasetError(f"{place}: label {y[wrong]} in row {wrong[0]:,} is out of range: labels are {allowed}")
    return y.astype(np.int64)
