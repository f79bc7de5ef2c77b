"""Whether a vector holds a number that is not finite, at the speed of memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit_numba.compilation import compiled
from layerkit_numba.mathematics import bits
from layerkit_numba.walking import GO_ON, STOP


@compiled
def has_no_end(vector: Any) -> bool:
    """Whether some number is NaN or infinite: then its exponent's bits are all ones."""
    if vector.itemsize == 4:
        largest = np.int32(0)
        for number in vector:
            largest = max(largest, np.int32(bits(number)) & np.int32(0x7FFFFFFF))
        return bool(largest >= np.int32(0x7F800000))
    widest = np.int64(0)
    for number in vector:
        widest = max(widest, np.int64(bits(number)) & np.int64(0x7FFFFFFFFFFFFFFF))
    return bool(widest >= np.int64(0x7FF0000000000000))


@compiled
def stop_unless_finite(gradient: Any) -> int:
    """Whether the run goes on."""
    return STOP if has_no_end(gradient) else GO_ON
