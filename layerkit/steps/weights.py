"""Sample weights: checked, and brought to a size whose sums have an end."""

from __future__ import annotations

import math

import numpy as np

from layerkit.errors import DataError
from layerkit.types import Array

_PLAIN_EXPONENT = 64
_LARGEST_SUM = 1e200


def checked_weights(weights: Array) -> Array:
    """Sample weights as float64 ``(n,)``.

    Raises:
        DataError: one is negative or not a finite float64, or they are no vector.
    """
    if weights.ndim != 1 or weights.dtype.kind not in "fiub":
        raise DataError(f"sample weights must be a vector of numbers, got shape {weights.shape}, {weights.dtype}")
    with np.errstate(over="ignore"):  # what float64 cannot hold becomes infinity, and is refused
        weights = weights.astype(np.float64, copy=False)
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise DataError("sample weights must be finite and at least 0")
    return weights


def scaled_weights(weights: Array) -> Array:
    """Checked weights of a whole data set, multiplied by one power of 2 where they are far from 1.

    Only what they are to each other counts; but sums of very large ones have no end, and float32 has no very small
    ones. A power of 2 changes no digit.

    Raises:
        DataError: all are 0.
    """
    largest = float(weights.max(initial=0.0))
    if largest == 0.0:
        raise DataError("sample weights are all 0, so no example counts: give those that are to count a weight above 0")
    exponent = math.frexp(largest)[1]
    return weights if abs(exponent) <= _PLAIN_EXPONENT else np.ldexp(weights, -exponent)


def batch_weights(weights: Array) -> Array:
    """The weights of one batch, which cannot know those of the others.

    Raises:
        DataError: as ``checked_weights``; or their sum is too large to be added up over an epoch.
    """
    weights = checked_weights(weights)
    with np.errstate(over="ignore"):
        total = float(weights.sum())
    if total > _LARGEST_SUM:
        raise DataError(
            f"the sample weights of a batch add up to {total:g}, too much to be added up over an epoch (at most "
            f"{_LARGEST_SUM:g}): divide all weights by one number, for only what they are to each other counts"
        )
    return weights
