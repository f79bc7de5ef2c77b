"""Arrays out of files become examples: lengths, labels and targets are checked, and errors name the file."""

from __future__ import annotations

import numpy as np

from layerkit.data.examples import Examples
from layerkit.errors import DatasetError
from layerkit.types import Array


def checked_examples(place: str, x: Array, y: Array, *, classes: tuple[str, ...] | None = None) -> Examples:
    """Examples of inputs and targets that were read from ``place`` (a file's name, for errors).

    ``x``: ``(n, …)``, kept as it is. ``y``: integers or booleans, ``(n,)`` or ``(n, 1)``, are class labels and come
    back as int64 ``(n,)``; floats are targets, and ``(n,)`` of them come back as ``(n, 1)``.

    Raises:
        DatasetError: there are no rows, or not as many in ``x`` as in ``y``; a value is NaN or infinite; a label is
            negative or not one of ``classes``.
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
    if y.ndim == 2 and y.shape[1] == 1 and y.dtype.kind != "f":
        y = y[:, 0]
    if y.dtype.kind == "f":
        return Examples(x, y[:, np.newaxis] if y.ndim == 1 else y, classes=classes)
    return Examples(x, _labels(place, y, classes), classes=classes)


def _labels(place: str, y: Array, classes: tuple[str, ...] | None) -> Array:
    limit = 2**31 if classes is None else len(classes)
    wrong = (y < 0) | (y >= limit)
    if wrong.any():
        first = np.unravel_index(np.argmax(wrong), y.shape)
        allowed = "0, 1, 2, …" if classes is None else f"0 to {limit - 1}"
        raise DatasetError(f"{place}: label {y[first]} in row {first[0]:,} is out of range: labels are {allowed}")
    return y.astype(np.int64)
