"""Reads the batches of an epoch from any source, from any position on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, final

import numpy as np

from layerkit.data.examples import Examples
from layerkit.errors import LayerkitError, tell_place
from layerkit.interfaces.dataset import Batch, RandomAccess
from layerkit.interfaces.job import Job
from layerkit.interfaces.scratch import Scratch
from layerkit.steps.intake import Intake
from layerkit.types import Array


@final
class Reader:
    """Hands out a job's batches, ready for the model and the cost."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._position, self._size = job.position, job.rows_per_batch
        self._batches = job.batches_per_epoch
        self._data: Intake = job.data
        # a set of buffers for full batches and one for the last: neither is laid out anew each epoch
        self._full, self._short = Scratch(job.model.dtype), Scratch(job.model.dtype)
        source = job.source
        # data may come from threads that copy the model, and one that is in the middle of a step cannot be
        self._at_rest: Callable[..., Any] = job.model.structure.gate.resting
        self.full_batch: Batch | None = None
        """Where every full batch is put, if it always is the same place."""
        self._gather: Callable[[Array], Batch] | None = None
        self._rows: RandomAccess
        if isinstance(source, RandomAccess):
            self._rows = source
            if self._is_ready(source):
                self._gather = source.gather(self._size, self._full)
        self._augmentation = source.augmentation if isinstance(source, Examples) else None
        self._epoch = -1
        self._order: Array
        self._stream: Iterator[Batch] | None = None

    def next(self) -> Batch | None:
        """The batch at the job's position, or None at the end of the epoch. Moves the position's batch count."""
        number = self._position.batch
        try:
            return self._next()
        except LayerkitError as error:
            tell_place(error, f"batch {number} of epoch {self._position.epoch + 1}")
            raise

    def _next(self) -> Batch | None:
        position, size = self._position, self._size
        if position.epoch != self._epoch:
            self._open()
        if self._stream is not None:
            if position.batch == self._batches:
                return None
            found = self._at_rest(next, self._stream, None)
            if found is not None:
                position.batch += 1
                found = self._data.ready(found, self._full)
            return found
        start = position.batch * size
        rows = self._order[start : start + size]
        count = rows.shape[0]
        if count < size:
            if self._job.drop_last or count == 0:
                return None
            position.batch += 1
            return self._changed(self._data.ready(self._drawn(rows, self._short), self._short))
        position.batch += 1
        if self._gather is not None:
            batch = self._changed(self._gather(rows))
            if batch.weights is None and batch.mask is None:
                self.full_batch = batch
            return batch
        return self._changed(self._data.ready(self._drawn(rows, self._full), self._full))

    def _drawn(self, rows: Array, scratch: Scratch) -> Batch:
        return self._at_rest(self._rows.batch, rows, scratch)

    def _changed(self, batch: Batch) -> Batch:
        """The batch with its images changed, in the buffers that it lies in; position counts it already."""
        if self._augmentation is not None:
            assert isinstance(batch.x, np.ndarray)
            position = self._position
            place = f"{position.epoch}.{position.batch - 1}"
            self._augmentation.apply(batch.x, self._job.streams.fresh("augmentation", place))
        return batch

    def _is_ready(self, source: RandomAccess) -> bool:
        """Whether this source's batches go into the model and the cost as they are."""
        given = source.batch(np.zeros(1, np.intp), self._short)
        ready = self._data.ready(given, self._short)
        parts = zip(ready.x, given.x, strict=True) if isinstance(given.x, tuple) else [(ready.x, given.x)]
        return ready.y is given.y and ready.weights is given.weights and all(one is other for one, other in parts)

    def _open(self) -> None:
        position = self._position
        self._epoch = position.epoch
        source = self._job.source
        if isinstance(source, RandomAccess):
            self._order = self._job.order(position.epoch)
        else:
            self._stream = self._at_rest(source.open, position.epoch, position.batch)
