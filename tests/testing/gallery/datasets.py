"""Datasets whose rows do not fit, or do not stay."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from layerkit import Batch, Dataset, Examples, RandomAccess, Stream
from layerkit.errors import ArgumentError
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array
from tests.testing.gallery.bug import Bug

ROWS = 30


class Points(Dataset):
    """Points in the plane, of two classes."""

    def load(self, split: str) -> RandomAccess | Stream:
        if split not in self.splits:
            raise ArgumentError(f"Points: no split {split!r}; there are {self.splits}")
        x = np.random.default_rng(self.splits.index(split)).normal(size=(ROWS, 2))
        return Examples(x, (x[:, 0] > 0).astype(np.int64), classes=("left", "right"))


class AnySplit(Points):
    """Takes any split for the first."""

    def load(self, split: str) -> RandomAccess | Stream:
        return super().load(split if split in self.splits else "train")


class FromOne(Points):
    """Labels are counted from 1."""

    def load(self, split: str) -> RandomAccess | Stream:
        found = super().load(split)
        assert isinstance(found, Examples)
        assert found.y is not None
        # past what Examples refuses
        found.y = found.y + 1
        return found


class WithGaps(Points):
    """Some numbers are missing."""

    def load(self, split: str) -> RandomAccess | Stream:
        found = super().load(split)
        assert isinstance(found, Examples)
        found.x[1, 1] = np.nan
        return found


class Misaligned(Points):
    """One target fewer than inputs in a batch."""

    def load(self, split: str) -> RandomAccess | Stream:
        super().load(split)
        return _Short()


class _Short(RandomAccess):
    def __len__(self) -> int:
        return ROWS

    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        return Batch(np.ones((len(rows), 2)), np.zeros(len(rows) - 1, np.int64))


class Augmented(Points):
    """Noise is added anew at each look."""

    def load(self, split: str) -> RandomAccess | Stream:
        super().load(split)
        return _Noisy()


class _Noisy(RandomAccess):
    def __len__(self) -> int:
        return ROWS

    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        return Batch(np.random.default_rng().normal(size=(len(rows), 2)), np.zeros(len(rows), np.int64))


class AlwaysFromTheStart(Points):
    """A stream that cannot be opened inside."""

    def load(self, split: str) -> RandomAccess | Stream:
        super().load(split)
        return _Restarting()


class _Restarting(Stream):
    def open(self, epoch: int, position: int) -> Iterator[Batch]:
        for batch in range(6):
            yield Batch(np.full((4, 2), float(batch)), np.zeros(4, np.int64))


BUGS = [
    Bug(AnySplit, "splits-load", "not checked"),
    Bug(FromOne, "values-usable", "from 1"),
    Bug(WithGaps, "values-usable", "missing values"),
    Bug(Misaligned, "lengths-aligned", "differently"),
    Bug(Augmented, "rows-stable", "at random"),
    Bug(AlwaysFromTheStart, "reopened-at-a-position", "position is ignored"),
]
