"""Numbers below the normal ones, in what is kept from step to step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from layerkit.interfaces.blocks import cut
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


def drop_subnormals(vectors: Sequence[Array], scratch: Scratch) -> None:
    """Set to 0 what is smaller than the smallest normal number; ``vectors`` are as long as each other.

    Many processors take a hundred cycles and more for an operation on such a number. What fades by a factor becomes
    one, and never 0: the smallest of all, times 0.9, is rounded to itself.
    """
    if not vectors:
        return
    smallest = scratch.scalar("smallest normal", float(np.finfo(scratch.dtype).smallest_normal))
    (blocks,) = cut(vectors, [(0, vectors[0].size)], 1, scratch)
    longest = max((block[0].shape for block in blocks), default=(0,))
    for *pieces, sizes in blocks:
        subnormal = scratch("subnormal", longest, np.dtype(bool))[: sizes.size]
        for values in pieces:
            np.abs(values, sizes)
            np.less(sizes, smallest, subnormal)
            np.copyto(values, 0, where=subnormal)
