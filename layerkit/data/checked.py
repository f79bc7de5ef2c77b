"""Arrays out of files become examples: lengths, labels and targets are checked, and errors name the file."""

from __future__ import annotations

import numpy as np

from layerkit.data.examples import Examples
from layerkit.errors import DatasetError
from layerkit.types import Array

_LARGEST = 2**63 - 1


def checked_examples(
    place: str,
    x: Array,
    y: Array,
    *,
    classes: tuple[str, ...] | None = None,
    labels: bool | None = None,
    names: tuple[str, ...] | None = None,
    target_name: str | None = None,
) -> Examples:
    """Examples of inputs and targets that were read from ``place`` (a file's name, for errors).

    ``x``: ``(n, …)``, kept as it is. ``y``: integers or booleans come back as int64; floats are numbers, and ``(n,)``
    of them come back as ``(n, 1)``. With ``labels`` or ``classes``, whole numbers ``(n,)`` or ``(n, 1)`` are labels and
    come back as int64 ``(n,)``; with ``labels=False`` all are numbers.

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
        # the least and the greatest value tell without a temporary array: both carry NaN on
        if array.size and array.dtype.kind == "f" and not np.isfinite([array.min(), array.max()]).all():
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
    return Examples(x, y, names=names, target_name=target_name, classes=classes, labels=labels)


def _labels(place: str, y: Array, classes: tuple[str, ...] | None) -> Array:
    limit = 2**31 if classes is None else len(classes)
    wrong = (y < 0) | (y >= limit) | (y != np.floor(y))
    if wrong.any():
        first = np.unravel_index(np.argmax(wrong), y.shape)
        allowed = "0, 1, 2, …; name others by classes" if classes is None else f"0 to {limit - 1}"
        raise DatasetError(f"{place}: label {y[first]} in row {first[0]:,} is out of range: labels are {allowed}")
    return y.astype(np.int64)
