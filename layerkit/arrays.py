"""Arrays out of whatever people give as data."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit.errors import DataError
from layerkit.types import Array, DType


def plain_array(value: Any, name: str) -> Array:
    """``value`` as an array without ways of its own; a memory map stays one.

    Raises:
        DataError: rows are of different lengths, values are masked, or it is no array at all.
    """
    if isinstance(value, np.ndarray) and value.dtype.names is not None:
        fields = ", ".join(map(repr, value.dtype.names[:10]))
        raise DataError(
            f"{name} is a structured array, with the fields {fields}: make columns of them, with "
            "numpy.lib.recfunctions.structured_to_unstructured(x)"
        )
    if type(value) is np.ndarray or isinstance(value, np.memmap):
        return value
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        count = int(np.ma.getmaskarray(value).sum())
        raise DataError(
            f"{name} is a masked array with {count:,} masked values, which no layer knows of: put numbers in their "
            "place, with x.filled(0) for instance, or leave such rows out"
        )
    if hasattr(value, "toarray"):
        raise DataError(f"{name} is a {type(value).__name__}, a sparse matrix: write x.toarray()")
    try:
        array = np.asarray(value)
        # of words that are more than text, such as members of an enumeration, NumPy would keep a part
        return np.asarray(value, object) if array.dtype.kind == "U" and _holds_subclass(value) else array
    except ValueError as error:
        if "inhomogeneous" not in str(error):
            raise
        raise DataError(
            f"{name} has rows of different lengths, which no array has: fill them up to one length (padding), with "
            "zeros for instance, and tell by mask=, booleans (n, time), which places count; or cut them to one length"
        ) from None


def _holds_subclass(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_holds_subclass, value))
    return isinstance(value, str) and type(value) not in (str, np.str_)


def cast(x: Array, dtype: DType, *, keep_integers: bool = False) -> Array:
    """``x`` in ``dtype``, unless it holds integers that are taken as they are.

    Raises:
        DataError: it holds numbers too large for ``dtype``.
    """
    if x.dtype == dtype or (keep_integers and x.dtype.kind in "iub"):
        return x
    try:
        with np.errstate(over="raise"):
            return x.astype(dtype)
    except FloatingPointError:
        raise DataError(
            f"the data holds numbers that are too large for {dtype}, beyond {np.finfo(dtype).max:.1g}: scale them "
            "down, or give the model another dtype with model.initialize(input_shape, dtype='float64')"
        ) from None
