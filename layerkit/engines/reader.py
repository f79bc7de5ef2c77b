"""Reads the batches of an epoch from any source, from any position on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import final

import numpy as np

from layerkit.engines.job import Job
from layerkit.engines.targets import Targets
from layerkit.errors import DataError
from layerkit.interfaces.dataset import Batch, RandomAccess, Stream
from layerkit.interfaces.scratch import Scratch
from layerkit.models.boundary import cast, checked_input, row_count
from layerkit.models.node import Node
from layerkit.types import Array, DType


@final
class Reader:
    """Hands out a job's batches, ready for the model and the cost."""

    def __init__(self, job: Job, node: Node) -> None:
        self._job = job
        self._node = node
        self._dtype = job.model.dtype
        self._keep = node.layer.integer_input != "cast"
        # a set of buffers for full batches and one for the last: neither is laid out anew each epoch
        self._full, self._short = Scratch(self._dtype), Scratch(self._dtype)
        source = job.source
        self.full_batch: Batch | None = None
        """Where every full batch is put, if it always is the same place."""
        self._gather: Callable[[Array], Batch] | None = None
        if isinstance(source, RandomAccess) and self._is_ready(source):
            self._gather = source.gather(job.batch_size, self._full)
        self._epoch = -1
        self._order: Array
        self._stream: Iterator[Batch]

    def next(self) -> Batch | None:
        """The batch at the job's position, or None at the end of the epoch. Moves the position's batch count."""
        job = self._job
        position = job.position
        source = job.source
        if position.epoch != self._epoch:
            self._open()
        if isinstance(source, Stream):
            found = next(self._stream, None)
            if found is not None:
                position.batch += 1
                found = checked_batch(found, self._node, self._dtype, job.targets, self._full)
            return found
        start = position.batch * job.batch_size
        rows = self._order[start : start + job.batch_size]
        count = rows.shape[0]
        if count < job.batch_size:
            if job.drop_last or count == 0:
                return None
            position.batch += 1
            return self._ready(source.batch(rows, self._short), self._short)
        position.batch += 1
        if self._gather is not None:
            batch = self._gather(rows)
            if batch.weights is None and batch.mask is None:
                self.full_batch = batch
            return batch
        return self._ready(source.batch(rows, self._full), self._full)

    def _ready(self, batch: Batch, scratch: Scratch) -> Batch:
        if batch.y is None:
            raise DataError(f"{type(self._job.source).__name__} gave a batch without targets")
        x = batch.x
        if isinstance(x, tuple):
            x = tuple(cast(part, self._dtype, keep_integers=self._keep) for part in x)
        else:
            x = cast(x, self._dtype, keep_integers=self._keep)
        return Batch(x, self._job.targets.convert(batch.y, scratch), batch.weights, batch.mask)

    def _is_ready(self, source: RandomAccess) -> bool:
        """Whether this source's batches go into the model and the cost as they are."""
        given = source.batch(np.zeros(1, np.intp), self._short)
        ready = self._ready(given, self._short)
        parts = zip(ready.x, given.x, strict=True) if isinstance(given.x, tuple) else [(ready.x, given.x)]
        return ready.y is given.y and all(one is other for one, other in parts)

    def _open(self) -> None:
        position = self._job.position
        self._epoch = position.epoch
        source = self._job.source
        if isinstance(source, RandomAccess):
            self._order = self._job.order(position.epoch)
        else:
            self._stream = source.open(position.epoch, position.batch)


def checked_batch(batch: Batch, node: Node, dtype: DType, targets: Targets, scratch: Scratch) -> Batch:
    """A batch from outside, with everything about it checked, ready for the model and the cost.

    Raises:
        DataError, ShapeError: it does not fit.
    """
    x = checked_input(batch.x, node, dtype)
    rows = row_count(x)
    if batch.y is None:
        raise DataError("training and evaluation need targets: a batch came without")
    for name, array in (("y", batch.y), ("weights", batch.weights), ("mask", batch.mask)):
        if array is not None and array.shape[:1] != (rows,):
            raise DataError(f"a batch has {rows} rows of x, but {name} of shape {array.shape}")
    targets.check(batch.y)
    weights = batch.weights if batch.weights is None else checked_weights(batch.weights)
    return Batch(x, targets.convert(batch.y, scratch), weights, batch.mask)


def checked_weights(weights: Array) -> Array:
    """Sample weights as float64 ``(n,)``.

    Raises:
        DataError: one is negative or not finite, or they are no vector.
    """
    if weights.ndim != 1 or weights.dtype.kind not in "fiub":
        raise DataError(f"sample weights must be a vector of numbers, got shape {weights.shape}, {weights.dtype}")
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise DataError("sample weights must be finite and at least 0")
    return weights.astype(np.float64, copy=False)
