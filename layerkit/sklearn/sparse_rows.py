"""Rows of a sparse matrix as examples, dense only batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, final

from layerkit.interfaces.dataset import Batch, RandomAccess
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class SparseRows(RandomAccess):
    """Examples whose inputs are a matrix in SciPy's CSR form, which is never dense as a whole."""

    def __init__(self, x: Any, y: Array, weights: Array | None = None) -> None:
        self.x, self.y, self.weights = x, y, weights

    def __len__(self) -> int:
        return int(self.x.shape[0])

    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        x = self.x[rows]
        dense = x.toarray(out=scratch("x", x.shape, x.dtype))
        return Batch(dense, self.y[rows], None if self.weights is None else self.weights[rows])

    def take(self, rows: Array) -> SparseRows:
        """The examples at ``rows``."""
        return SparseRows(self.x[rows], self.y[rows], None if self.weights is None else self.weights[rows])


def dense_pieces(x: Any, rows: int) -> Iterator[Array]:
    """A sparse matrix as dense ones of at most so many rows."""
    return (x[start : start + rows].toarray() for start in range(0, x.shape[0], rows))
