"""Drawing without repetition, the same on every machine."""

from __future__ import annotations

import numpy as np

from layerkit.types import Array


def distinct(total: int, count: int, seed: int) -> Array:
    """``count`` distinct numbers below ``total``, in random order: the same ones on every machine."""
    # NumPy keeps a bit generator's raw numbers the same from version to version, but not what it draws with them
    bits = np.random.PCG64(seed)
    if 2 * count >= total:
        return np.argsort(bits.random_raw(total), kind="stable")[:count]
    drawn = (bits.random_raw(4 * count + 100) % np.uint64(total)).astype(np.int64)
    firsts = np.sort(np.unique(drawn, return_index=True)[1])
    return drawn[firsts[:count]]
