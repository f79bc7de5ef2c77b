"""Vectors cut into blocks that stay in a core's cache."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from layerkit.interfaces.scratch import Scratch
from layerkit.memory import LINE
from layerkit.types import Array

_BLOCK_BYTES = 2**17

Blocks: TypeAlias = list[tuple[Array, ...]]
"""Pieces of several vectors, cut alike: views."""


def cut(vectors: Sequence[Array], bounds: Sequence[tuple[int, int]], work: int, scratch: Scratch) -> list[Blocks]:
    """The blocks between each pair of bounds, each with ``work`` arrays of scratch memory as long as it is."""
    itemsize = scratch.dtype.itemsize
    size = max((stop - start for start, stop in bounds), default=0)
    count = max(1, -(-size * itemsize // _BLOCK_BYTES))
    # of equal length, nearly, and each begins at a cache line, as the vectors do
    length = -(-size * itemsize // (count * LINE)) * LINE // itemsize
    spare = [scratch(f"block {place}", (length,)) for place in range(work)]
    pieces = []
    for begin, end in bounds:
        blocks = []
        for start in range(begin, end, max(length, 1)):
            stop = min(start + length, end)
            blocks.append((*(vector[start:stop] for vector in vectors), *(array[: stop - start] for array in spare)))
        pieces.append(blocks)
    return pieces
