"""When two results are the same but for rounding."""

from __future__ import annotations

import numpy as np

from layerkit.testing.inputs import parts
from layerkit.types import Array, Value

ROUNDING = 256.0
"""How many units in the last place sums of a few hundred products may differ by, taken in another order."""


def difference(found: Value, wanted: Value, *, units: float = ROUNDING) -> str | None:
    """What is different, told to a person; None where only rounding is.

    The tolerance is ``units`` of the coarser dtype's spacing at the largest number of the array, and at 1: the kit's
    own inputs are of that size, and what cancels out is rounded as they are.
    """
    ours, theirs = parts(found), parts(wanted)
    if len(ours) != len(theirs):
        return f"{len(ours)} arrays instead of {len(theirs)}"
    for one, other in zip(ours, theirs, strict=True):
        if one.shape != other.shape:
            return f"shape {one.shape} instead of {other.shape}"
        if one.size == 0:
            continue
        # most are the same to the bit, which is seen faster
        told = None if np.array_equal(one, other) else _difference(np.asarray(one), np.asarray(other), units)
        if told is not None:
            return told
    return None


def _difference(found: Array, wanted: Array, units: float) -> str | None:
    if found.dtype.kind != "f" and wanted.dtype.kind != "f":
        same = found == wanted
    else:
        spacing = max(np.finfo(array.dtype).eps for array in (found, wanted) if array.dtype.kind == "f")
        finite = wanted[np.isfinite(wanted)]
        size = max(1.0, float(np.abs(finite).max())) if finite.size else 1.0
        with np.errstate(all="ignore"):
            gap = np.abs(found.astype(np.float64) - wanted.astype(np.float64))
        same = (gap <= units * spacing * size) | (found == wanted) | (np.isnan(found) & np.isnan(wanted))
    if same.all():
        return None
    wrong = np.argwhere(~same)
    place = tuple(int(axis) for axis in wrong[0])
    return (
        f"{found[place]:.9g} instead of {wanted[place]:.9g} at {place}, and {len(wrong)} of {same.size} numbers differ"
    )


def identical(found: Value, wanted: Value) -> bool:
    """Whether two results are the same to the bit (NaN equals NaN)."""
    ours, theirs = parts(found), parts(wanted)
    return len(ours) == len(theirs) and all(
        one.dtype == other.dtype
        # what holds no NaN, as most does not, is compared in a third of the time
        and (np.array_equal(one, other) or (one.dtype.kind == "f" and np.array_equal(one, other, equal_nan=True)))
        for one, other in zip(ours, theirs, strict=True)
    )
