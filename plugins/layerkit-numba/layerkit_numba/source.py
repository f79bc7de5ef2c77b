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

    ``sparse``: many columns of the first input are zero in whole batches.
    """

    x: tuple[Array, ...]
    y: Array
    weights: Array | None
    mask: Array | None
    labels: bool
    sparse: bool

    @property
    def lines_per_row(self) -> int:
        """How many cache lines a row of the first input may touch."""
        return -(-self.x[0].shape[1] * self.x[0].itemsize // LINE) + 1


def read(job: Job) -> Source:
    """Look at a job's data.

    Raises:
        EngineError: the data is not held in arrays.
    """
    examples = job.source
    if not isinstance(examples, Examples):
        raise EngineError(
            f"the engine numba/jit trains on arrays, in memory or memory-mapped, not on a {type(examples).__name__}: "
            "give arrays (x, y), or train with the engine 'numpy', which reads every source"
        )
    if examples.y is None:
        raise EngineError("the engine numba/jit trains on targets: train with the engine 'numpy'")
    if examples.augmentation is not None:
        raise EngineError(
            "the engine numba/jit reads images as they are, and these have an augmentation: train with the engine "
            "'numpy'"
        )
    dtype = job.model.dtype
    inputs = examples.x if isinstance(examples.x, tuple) else (examples.x,)
    x, y = tuple(table(readable(part, dtype)) for part in inputs), readable(examples.y, dtype)
    output = job.model.output_shape
    labels = y.dtype.kind in "iub" and y.ndim == len(output) and bool(output)
    labels = labels and (output[-1] != 1 or job.cost.target_form == "labels")
    weights = None if examples.weights is None else np.asarray(examples.weights, np.float64)
    mask = None if examples.mask is None else np.ascontiguousarray(examples.mask)
    return Source(x, table(y), weights, mask, labels, is_sparse(x[0], job.rows_per_batch))


def readable(array: Array, dtype: DType) -> Array:
    """The array in a form that compiled code reads: this machine's byte order, floating numbers of 4 or 8 bytes.

    Raises:
        EngineError: another copy of it would be too large.
    """
    wanted = array.dtype.newbyteorder("=")
    if wanted.kind == "f" and wanted.itemsize not in (4, 8):
        wanted = dtype
    if array.dtype == wanted:
        return array
    if array.size * wanted.itemsize > _LARGEST_COPY:
        raise EngineError(
            f"the engine numba/jit reads no numbers of type {array.dtype}, and a copy of them all as {wanted} would be "
            "large: convert the data once and for all, or train with the engine 'numpy'"
        )
    return cast(array, wanted)


def table(array: Array) -> Array:
    """The array as rows of numbers."""
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
