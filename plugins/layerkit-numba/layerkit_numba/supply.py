"""Where a run's batches come from: arrays as they are, or a window that is filled piece by piece."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import final

import numpy as np

from layerkit import Batch, Examples, Stream
from layerkit.engines import Job, Progress, Reader
from layerkit.memory import aligned
from layerkit.types import Array, DType
from layerkit_numba.source import Source, are_labels, held, is_sparse, parts, readable_dtype, table
from layerkit_numba.tables import Piece

_WINDOW_BYTES = 2**22
_WINDOW_BATCHES = 64


class Supply(ABC):
    """The batches of an epoch.

    ``source`` and ``order`` are what a program reads; a piece may bring others, and where nothing is known of a stream
    before its next epoch, there is none yet.
    """

    source: Source | None = None
    order: Array

    @abstractmethod
    def pieces(self, first: int, stop: int) -> Iterator[Piece]:
        """The batches from ``first`` to ``stop`` of the epoch that the job is in, or as many as there are.

        A piece is there to be run until the next one is asked for.
        """


def supply_of(job: Job) -> Supply:
    """The supply of a job.

    Raises:
        EngineError: these arrays cannot be read.
    """
    source = job.source
    if isinstance(source, Examples) and source.augmentation is None:
        return Held(job, source)
    return Window(job)


@final
class Held(Supply):
    """Arrays, in memory or memory-mapped, in the order of the epoch."""

    def __init__(self, job: Job, examples: Examples) -> None:
        self._job = job
        self.source = self._held = held(job, examples)
        self.order = np.empty(len(examples), np.int64)
        self._epoch = -1

    def pieces(self, first: int, stop: int) -> Iterator[Piece]:
        epoch, size = self._job.position.epoch, self._held.rows
        if epoch != self._epoch:
            self.order[:] = self._job.order(epoch)
            self._epoch = epoch
        rows = len(self.order)
        whole = max(first, min(stop, rows // size))
        for begin, end, n in ((first, whole, size), (whole, stop, rows - whole * size)):
            if end > begin:
                yield Piece(begin, end, n, stride=size, last=stop - 1)


@final
@dataclass(frozen=True, slots=True)
class Form:
    """What arrays must hold: of each input and of the targets the dtype and the shape of an example; weights or none;
    the shape of an example's mask, or none; and how many rows the largest batch has."""

    x: tuple[tuple[DType, tuple[int, ...]], ...]
    y: tuple[DType, tuple[int, ...]]
    labels: bool
    weighted: bool
    mask: tuple[int, ...] | None
    rows: int

    def with_room_for(self, other: Form) -> Form:
        """A form for both. Targets are of one kind, labels or numbers, as the cost takes them."""
        return Form(
            tuple(_wider(one, two) for one, two in zip(self.x, other.x, strict=True)),
            _wider(self.y, other.y),
            self.labels,
            self.weighted or other.weighted,
            other.mask if self.mask is None else self.mask,
            max(self.rows, other.rows),
        )


@final
class Window(Supply):
    """All other data: batches as they come, copied into arrays.

    Of augmented arrays so many are read at once as a few megabytes hold. Of all else the batches of one step: what a
    source hands out may depend on what the model has learned by then.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._position = Progress(epoch=-1)
        self._reader: Reader
        self._waiting: list[Batch] = []
        self._most, self._sparse = job.accumulate, False
        self._form: Form | None = None
        # what may be read in any order tells its form from the beginning, and an epoch may be at its end
        first = self._read(job.position.batch if isinstance(job.source, Stream) else 0, 1)
        self._waiting = first
        if not first:
            return
        if isinstance(job.source, Examples):
            # by the images as they are, and not by this batch: a run that is resumed finds the same
            self._sparse = is_sparse(table(parts(job.source.x)[0][: 4 * job.batch_size]), job.batch_size)
            several = _WINDOW_BYTES // max(1, sum(part.nbytes for part in parts(first[0].x)))
            self._most *= max(1, min(several, _WINDOW_BATCHES) // job.accumulate)
        self._lay_out(first)

    def pieces(self, first: int, stop: int) -> Iterator[Piece]:
        while first < stop:
            wanted = min(self._most, stop - first)
            batches = self._read(first, wanted)
            if batches:
                self._lay_out(batches)
                yield from self._placed(batches, first)
            if len(batches) < wanted:
                return
            first += wanted

    def _read(self, first: int, wanted: int) -> list[Batch]:
        """So many batches from the ``first`` on, or as many as are left of the epoch."""
        own, epoch = self._position, self._job.position.epoch
        if (own.epoch, own.batch) != (epoch, first + len(self._waiting)):
            # an epoch begins, or another engine has run some steps
            own.epoch, own.batch = epoch, first
            self._reader, self._waiting = Reader(replace(self._job, position=own)), []
        found, self._waiting = self._waiting, []
        while len(found) < wanted and (batch := self._reader.next()) is not None:
            found.append(_copied(batch))
        return found

    def _lay_out(self, batches: list[Batch]) -> None:
        """Have arrays that hold these batches: those that there are, if they do."""
        form = self._form
        for batch in batches:
            own = self._form_of(batch)
            form = own if form is None else form.with_room_for(own)
        if form is None or form == self._form:
            return
        self._form = form
        rows = self._most * form.rows
        self.order = np.arange(rows)
        self.source = Source(
            x=tuple(_empty(rows, *each) for each in form.x),
            y=_empty(rows, *form.y),
            weights=np.empty(rows) if form.weighted else None,
            mask=None if form.mask is None else np.empty((rows, *form.mask), np.bool_),
            labels=form.labels,
            sparse=self._sparse,
            rows=form.rows,
        )

    def _form_of(self, batch: Batch) -> Form:
        y = batch.y
        assert y is not None
        dtype = self._job.model.dtype
        inputs = tuple((readable_dtype(part, dtype), part.shape[1:]) for part in parts(batch.x))
        return Form(
            inputs,
            (readable_dtype(y, dtype), y.shape[1:]),
            labels=are_labels(self._job, y),
            weighted=batch.weights is not None,
            mask=None if batch.mask is None else batch.mask.shape[1:],
            rows=len(y),
        )

    def _placed(self, batches: list[Batch], first: int) -> Iterator[Piece]:
        """Copy the batches, one behind the other; those of as many rows are one piece."""
        source, begin, last = self.source, 0, first + len(batches) - 1
        assert source is not None
        for batch in batches:
            assert batch.y is not None
            rows = slice(begin, begin + len(batch.y))
            for target, given in zip(source.x, parts(batch.x), strict=True):
                target[rows] = table(given)
            source.y[rows] = table(batch.y)
            if source.weights is not None:
                source.weights[rows] = 1.0 if batch.weights is None else batch.weights
            if source.mask is not None:
                source.mask[rows] = True if batch.mask is None else batch.mask
            begin = rows.stop
        begin = 0
        for n, same in groupby(len(batch.x[0] if isinstance(batch.x, tuple) else batch.x) for batch in batches):
            count = len(list(same))
            yield Piece(first, first + count, n, stride=n, last=last, offset=first * n - begin)
            first += count
            begin += count * n


def _wider(one: tuple[DType, tuple[int, ...]], two: tuple[DType, tuple[int, ...]]) -> tuple[DType, tuple[int, ...]]:
    return np.promote_types(one[0], two[0]), one[1]


def _empty(rows: int, dtype: DType, shape: tuple[int, ...]) -> Array:
    return aligned((rows, math.prod(shape)), dtype)


def _copied(batch: Batch) -> Batch:
    """A batch that stays as it is when the next one is read."""
    x = tuple(map(np.array, batch.x)) if isinstance(batch.x, tuple) else np.array(batch.x)
    return Batch(x, *(None if each is None else np.array(each) for each in (batch.y, batch.weights, batch.mask)))
