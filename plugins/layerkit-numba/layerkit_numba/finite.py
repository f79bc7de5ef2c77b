"""Whether a vector holds a number that is not finite, at the speed of memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit_numba.compilation import compiled


@compiled
def has_no_end(vector: Any) -> bool:
    """Whether some number is NaN or infinite: then its exponent's bits are all ones."""
    if vector.itemsize == 4:
        largest = np.int32(0)
        for number in vector.view(np.int32):
            largest = max(largest, number & np.int32(0x7FFFFFFF))
        return bool(largest >= np.int32(0x7F800000))
    widest = np.int64(0)
    for number in vector.view(np.int64):
        widest = max(widest, number & np.int64(0x7FFFFFFFFFFFFFFF))
    return bool(widest >= np.int64(0x7FF0000000000000))
