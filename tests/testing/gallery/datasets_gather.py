"""Datasets whose ways of reading differ, or whose batches disturb each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from layerkit import Batch, Examples, RandomAccess, Stream
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.datasets import ROWS, Points


def _points(dataset: Points, split: str) -> Examples:
    found = Points.load(dataset, split)
    assert isinstance(found, Examples)
    return found


class _Rows(RandomAccess):
    """The rows of arrays, put into scratch."""

    def __init__(self, examples: Examples) -> None:
        assert not isinstance(examples.x, tuple)
        assert examples.y is not None
        self.x, self.y = examples.x, examples.y
        self.classes = examples.classes

    def __len__(self) -> int:
        return len(self.x)

    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        return Batch(self.x[rows], self.y[rows])

    def gather(self, count: int, scratch: Scratch) -> Callable[[Array], Batch] | None:
        batch = Batch(scratch("x", (count, 2), self.x.dtype), scratch("y", (count,), self.y.dtype))

        def gathered(rows: Array) -> Batch:
            batch.x[...], batch.y[...] = self.x[self.order(rows)], self.y[rows]  # type: ignore[index]
            return batch

        return gathered

    def order(self, rows: Array) -> Array:
        return rows


class Gathered(Points):
    """Points that can be gathered."""

    def load(self, split: str) -> RandomAccess | Stream:
        return _Rows(_points(self, split))


class _Sorted(_Rows):
    def order(self, rows: Array) -> Array:
        return np.sort(rows)


class GathersSorted(Points):
    """Reads the inputs in their order on the disk, and the labels in that of the batch."""

    def load(self, split: str) -> RandomAccess | Stream:
        return _Sorted(_points(self, split))


class _Fresh(_Rows):
    def gather(self, count: int, scratch: Scratch) -> Callable[[Array], Batch]:
        batch = Batch(self.x[:0])

        def gathered(rows: Array) -> Batch:
            batch.x, batch.y = self.x[rows], self.y[rows]
            return batch

        return gathered


class GathersElsewhere(Points):
    """Puts each batch in new arrays."""

    def load(self, split: str) -> RandomAccess | Stream:
        return _Fresh(_points(self, split))


class _Wide(_Rows):
    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        return Batch(self.x[rows].astype(np.float32), self.y[rows])


class GathersWide(Points):
    """Gathers in another dtype than it gives batches in."""

    def load(self, split: str) -> RandomAccess | Stream:
        return _Wide(_points(self, split))


class _Once(_Rows):
    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        unique = np.unique(rows)
        return Batch(self.x[unique], self.y[unique])


class RowsOnce(Points):
    """Gives each row once, however often it is asked for."""

    def load(self, split: str) -> RandomAccess | Stream:
        return _Once(_points(self, split))


class _Buffered(_Rows):
    def __init__(self, examples: Examples) -> None:
        super().__init__(examples)
        self.buffer = np.zeros((ROWS, 2))

    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        np.take(self.x, rows, axis=0, out=self.buffer[: len(rows)])
        return Batch(self.buffer[: len(rows)], self.y[rows])

    def gather(self, count: int, scratch: Scratch) -> None:
        return None


class OwnBuffer(Points):
    """Puts every batch in one buffer of its own, whatever scratch it is given."""

    def load(self, split: str) -> RandomAccess | Stream:
        return _Buffered(_points(self, split))


class _InPlace(_Rows):
    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        places = np.argsort(np.argsort(rows))
        rows.sort()
        return Batch(self.x[rows][places], self.y[rows][places])


class SortsTheOrder(Points):
    """Sorts the rows that it is given, which are those of the epoch."""

    def load(self, split: str) -> RandomAccess | Stream:
        return _InPlace(_points(self, split))


class ShufflesAtEachLoad(Points):
    """Shuffles once more whenever it is loaded."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)

    def load(self, split: str) -> RandomAccess | Stream:
        return _points(self, split).take(self._rng.permutation(ROWS))


class NumbersForAMask(Points):
    """Its mask is made of numbers."""

    def load(self, split: str) -> RandomAccess | Stream:
        found = _points(self, split)
        return Examples(np.ones((ROWS, 3, 2)), found.y, mask=np.ones((ROWS, 3)), classes=found.classes)


class NegativeWeights(Points):
    """Some examples weigh less than nothing."""

    def load(self, split: str) -> RandomAccess | Stream:
        return _points(self, split).replace(weights=np.linspace(-1, 1, ROWS))


class _OneCursor(Stream):
    def __init__(self) -> None:
        self.at = 0

    def open(self, epoch: int, position: int) -> Iterator[Batch]:
        self.at = position
        return self.read()

    def read(self) -> Iterator[Batch]:
        while self.at < 6:
            self.at += 1
            yield Batch(np.full((4, 2), float(self.at)), np.zeros(4, np.int64))


class OneCursor(Points):
    """All who read its stream move one cursor."""

    def load(self, split: str) -> RandomAccess | Stream:
        _points(self, split)
        return _OneCursor()


class _Turns(Stream):
    def open(self, epoch: int, position: int) -> Iterator[Batch]:
        for batch in range(position, 6):
            x = np.full((4, 2), float(batch))
            yield Batch(x.astype(np.int64) if batch == 1 else x, np.zeros(4, np.int64))


class TurnsToIntegers(Points):
    """One batch of its stream holds integers."""

    def load(self, split: str) -> RandomAccess | Stream:
        _points(self, split)
        return _Turns()


BUGS = [
    Bug(GathersSorted, "gather-equals-batch", "inputs"),
    Bug(GathersElsewhere, "gather-equals-batch", "same arrays"),
    Bug(GathersWide, "gather-equals-batch", "float32"),
    Bug(RowsOnce, "lengths-aligned", "each row is given once"),
    Bug(OwnBuffer, "batches-apart", "of its own"),
    Bug(SortsTheOrder, "inputs-not-mutated", "read-only"),
    Bug(ShufflesAtEachLoad, "loads-alike", "a second time"),
    Bug(NumbersForAMask, "values-usable", "booleans"),
    Bug(NegativeWeights, "values-usable", "at least 0"),
    Bug(OneCursor, "batches-apart", "one cursor"),
    Bug(TurnsToIntegers, "values-usable", "int64"),
]
