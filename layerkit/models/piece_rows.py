"""How many rows a network is given at once where nobody has chosen a size of batches."""

from __future__ import annotations

import math

from layerkit.models.node import Node
from layerkit.shapes import is_many
from layerkit.types import Shape, Value

PIECE_ROWS = 1024
"""The rows of a piece, of networks that are not too large for that."""

_NUMBERS = 2**24
"""What the layers of a network may put out at once, together: 64 MiB of float32."""


def piece_rows(node: Node, x: Value | None = None) -> int:
    """``PIECE_ROWS``, or fewer where what all layers put out for so many rows of ``x`` would fill the memory.

    An axis that may have any length counts as in ``x``, and as 1 without it. What layers keep besides, such as the
    scores of an attention, does not count.
    """
    length = max((axis for part in _parts(x) for axis in part.shape[1:2]), default=1)
    numbers = sum(_numbers(inner.output_shape, length) for inner in node.walk())
    return max(1, min(PIECE_ROWS, _NUMBERS // max(numbers, 1)))


def _parts(x: Value | None) -> tuple[Value, ...]:
    return () if x is None else x if isinstance(x, tuple) else (x,)


def _numbers(shape: Shape, length: int) -> int:
    if is_many(shape):
        return sum(_numbers(part, length) for part in shape)
    return math.prod(length if axis is None else axis for axis in shape)
