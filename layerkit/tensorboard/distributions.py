"""Histograms of numbers that may be anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from layerkit.types import Array

_BINS = 64
_LARGEST = 1e100
"""Beyond it sums of squares are no numbers any more."""


def histograms(group: str, arrays: Mapping[str, Array]) -> Iterator[Any]:
    """A summary for each array that has finite numbers, in a group of charts."""
    from tensorboardX.summary import histogram

    for name, array in arrays.items():
        numbers = array.ravel().astype(np.float64)
        numbers = np.clip(numbers[np.isfinite(numbers)], -_LARGEST, _LARGEST)
        if numbers.size:
            low, high = float(numbers.min()), float(numbers.max())
            # numbers that are all the same make one bar, which must have a width
            wide = 0.0 if low < high else 0.5
            yield histogram(f"{group}/{name}", numbers, np.linspace(low - wide, high + wide, _BINS + 1))
