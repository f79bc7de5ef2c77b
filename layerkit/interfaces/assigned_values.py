"""Values that are assigned to a parameter or a state, as the array that they are to become."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit.errors import ArgumentError
from layerkit.types import Array, DType, Shape


def checked_values(title: str, value: Any, shape: Shape, dtype: DType) -> Array:
    """``value`` as an array of ``shape`` and ``dtype``; ``title`` names its place in the message.

    Raises:
        ArgumentError: it is no array of finite numbers, or has another shape: nothing is broadcast.
    """
    try:
        given = np.asarray(value)
    except Exception:  # what people give has ways of its own not to be an array
        given = np.asarray(None)
    if given.dtype.kind not in "biuf":
        told = f"got {type(value).__name__}" + (f" of {given.dtype}" if isinstance(value, np.ndarray) else "")
    elif given.shape != shape:
        told = f"got the shape {given.shape}"
    else:
        with np.errstate(over="ignore"):
            values: Array = given.astype(dtype)
        if np.isfinite(values).all():
            return values
        told = "got some that are not finite" + ("" if not np.isfinite(given).all() else f" in {dtype}")
    raise ArgumentError(f"{title} must be an array of finite numbers of the shape {shape}, {told}")
