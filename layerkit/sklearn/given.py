"""What X and y cannot hold, told by row or column."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit.errors import DataError


def require_no_gap(owner: str, y: Any) -> None:
    """Refuse targets among which one is missing: None, NaN or what pandas has for it.

    Raises:
        DataError: so it is; the message names the row.
    """
    if y is None or hasattr(y, "toarray"):
        return
    try:
        values = np.asarray(y)
    except ValueError:
        # rows of different lengths, which scikit-learn tells of
        return
    if values.dtype.kind == "U" and isinstance(y, (list, tuple)):
        # NumPy made a word of NaN
        values = np.asarray(y, object)
    if values.dtype.kind != "O" or values.ndim == 0:
        return
    for place, value in np.ndenumerate(values):
        if _is_gap(value):
            raise DataError(
                f"{owner}: y has no value in row {place[0]}, it is {value!r}: leave such rows out, or "
                "give what is missing a class of its own"
            )


def require_no_text(owner: str, x: Any) -> None:
    """Refuse a frame of which a column holds text.

    Raises:
        DataError: so it is; the message names the column.
    """
    for place, name in enumerate(getattr(x, "columns", ())):
        values = np.asarray(x.iloc[:, place] if hasattr(x, "iloc") else x[name])
        if values.dtype.kind not in "OUT":
            continue
        text = next((value for value in values.tolist() if isinstance(value, str) and not _says_number(value)), None)
        if text is not None:
            raise DataError(
                f"{owner}: the column {name!r} of X holds text, such as {text[:40]!r}, and a network takes numbers: "
                "encode it, by sklearn.preprocessing.OneHotEncoder in a ColumnTransformer, say, or leave it out"
            )


def _is_gap(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, (float, np.floating)) and bool(np.isnan(value))


def _says_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
