"""A job's data as a program reads it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from layerkit import Examples
from layerkit.arrays import cast
from layerkit.engines import Job
from layerkit.errors import EngineError
from layerkit.memory import LINE
from layerkit.types import Array, DType

_SAMPLED_BATCHES = 4
_SPARSE_FROM = 64
_SPARSE_SHARE = 0.15
_LARGEST_COPY = 2**30


@final
@dataclass(frozen=True, slots=True)
class Source:
    """The data: of each input ``(examples, values)``; ``y`` likewise, or labels ``(examples, places)``; what else
    there is.

    ``rows``: how many the largest batch has. ``sparse``: many columns of the first input are zero in whole batches.
    """

    x: tuple[Array, ...]
    y: Array
    weights: Array | None
    mask: Array | None
    labels: bool
    sparse: bool
    rows: int

    @property
    def lines_per_row(self) -> int:
        """How many cache lines a row of the first input may touch."""
        return -(-self.x[0].shape[1] * self.x[0].itemsize // LINE) + 1


def held(job: Job, examples: Examples) -> Source:
    """Arrays as they are.

    Raises:
        EngineError: another copy of them would be too large.
    """
    dtype = job.model.dtype
    assert examples.y is not None
    x, y = tuple(table(readable(part, dtype)) for part in parts(examples.x)), readable(examples.y, dtype)
    weights = None if examples.weights is None else np.asarray(examples.weights, np.float64)
    mask = None if examples.mask is None else np.ascontiguousarray(examples.mask)
    sparse, rows = is_sparse(x[0], job.rows_per_batch), job.rows_per_batch
    return Source(x, table(y), weights, mask, are_labels(job, y), sparse, rows)


def parts(x: Any) -> tuple[Array, ...]:
    """One input or several, as several."""
    return x if isinstance(x, tuple) else (x,)


def are_labels(job: Job, y: Array) -> bool:
    """Whether targets, as the cost takes them, are classes that it wants as rows of zeros with a 1."""
    output = job.model.output_shape
    labels = y.dtype.kind in "iub" and y.ndim == len(output) and bool(output)
    return labels and (output[-1] != 1 or job.cost.target_form == "labels")


def readable_dtype(array: Array, dtype: DType) -> DType:
    """What compiled code reads such an array as: in this machine's byte order, floating numbers of 4 or 8 bytes."""
    wanted = array.dtype.newbyteorder("=")
    return dtype if wanted.kind == "f" and wanted.itemsize not in (4, 8) else wanted


def readable(array: Array, dtype: DType) -> Array:
    """The array in a form that compiled code reads.

    Raises:
        EngineError: another copy of it would be too large.
    """
    wanted = readable_dtype(array, dtype)
    if array.dtype == wanted:
        return array
    if array.size * wanted.itemsize > _LARGEST_COPY:
        raise EngineError(
            f"the engine numba/jit reads no numbers of type {array.dtype}, and a copy of them all as {wanted} would be "
            "large: convert the data once and for all, or train with the engine 'numpy'"
        )
    return cast(array, wanted)


def table(array: Array) -> Array:
    """An array as ``(examples, values)``, of a type that Numba knows."""
    # the subclass np.memmap is no type that Numba knows; the memory stays the same
    plain: Any = array.view(np.ndarray)
    return plain.reshape(plain.shape[0], math.prod(plain.shape[1:]))


def is_sparse(x: Array, batch_size: int) -> bool:
    """Whether looking for the columns that are zero in a whole batch pays: seen from the first batches."""
    if x.shape[1] < _SPARSE_FROM:
        return False
    batches = [x[start : start + batch_size] for start in range(0, _SAMPLED_BATCHES * batch_size, batch_size)]
    shares = [float((~batch.any(axis=0)).mean()) for batch in batches if len(batch)]
    return min(shares) >= _SPARSE_SHARE
