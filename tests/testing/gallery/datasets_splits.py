"""Datasets whose splits do not go together: other features, another scale, targets of another kind."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np

from layerkit import Dataset, Examples, RandomAccess
from layerkit.errors import ArgumentError
from layerkit.types import Array
from tests.testing.gallery.bug import Bug

_ROWS = 60


class _Cut(Dataset):
    def load(self, split: str) -> RandomAccess:
        if split not in self.splits:
            raise ArgumentError(f"{type(self).__name__}: no split {split!r}; there are {self.splits}")
        rng = np.random.default_rng(3)
        x, kinds = rng.uniform(0, 255, (_ROWS, 3)), rng.integers(0, 4, _ROWS)
        cut = slice(None, 40) if split == "train" else slice(40, None)
        # the last kind is rare, as kinds are
        kinds = np.where(np.arange(_ROWS) == 0, 4, kinds)
        return self.examples(split, x[cut], kinds[cut])

    @abstractmethod
    def examples(self, split: str, x: Array, kinds: Array) -> RandomAccess: ...


class KindsOfEachSplit(_Cut):
    """Has a column for each kind that occurs in the split."""

    def examples(self, split: str, x: Array, kinds: Array) -> RandomAccess:
        columns = (kinds[:, None] == self.kinds(kinds)).astype(float)
        return Examples(np.concatenate([x, columns], axis=1), x[:, :1])

    def kinds(self, kinds: Array) -> Array:
        return np.unique(kinds)


class AllKinds(KindsOfEachSplit):
    """Has a column for each kind that there may be."""

    def kinds(self, kinds: Array) -> Array:
        return np.arange(5)


class ScalesOne(_Cut):
    """Takes bytes to between 0 and 1 where they are trained on."""

    def examples(self, split: str, x: Array, kinds: Array) -> RandomAccess:
        return Examples(x / self.scale(split), kinds)

    def scale(self, split: str) -> float:
        return 255.0 if split == "train" else 1.0


class ScalesAll(ScalesOne):
    """Takes bytes to between 0 and 1."""

    def scale(self, split: str) -> float:
        return 255.0


class NumbersForLabels(_Cut):
    """Has labels to train on, and numbers for testing, as the table had empty cells there."""

    def examples(self, split: str, x: Array, kinds: Array) -> RandomAccess:
        return Examples(x, kinds if split == "train" else kinds.astype(float))


class NoTargets(_Cut):
    """Has targets to train on, and none for testing, where they are to be predicted."""

    def examples(self, split: str, x: Array, kinds: Array) -> RandomAccess:
        return Examples(x, kinds if split == "train" else None)


class OtherSizes(_Cut):
    """Has images of another size for testing."""

    def examples(self, split: str, x: Array, kinds: Array) -> RandomAccess:
        side = 6 if split == "train" else 8
        return Examples(np.resize(x, (len(x), side, side)) + np.arange(len(x))[:, None, None], kinds)


class ScaledByTheFirst(_Cut):
    """Scales features by what those to train on have: their mean and deviation."""

    def like(self, x: Array, first: Array) -> Array:
        return first

    def examples(self, split: str, x: Array, kinds: Array) -> RandomAccess:
        like = self.like(x, np.random.default_rng(3).uniform(0, 255, (_ROWS, 3))[:40])
        return Examples((x - like.mean(axis=0)) / like.std(axis=0), kinds)


class ScaledByItself(ScaledByTheFirst):
    """Scales the features of each split by their own mean and deviation."""

    def like(self, x: Array, first: Array) -> Array:
        return x


class FromZeroToOne(ScaledByTheFirst):
    """Brings what those to train on have between 0 and 1."""

    def examples(self, split: str, x: Array, kinds: Array) -> RandomAccess:
        like = self.like(x, np.random.default_rng(3).uniform(0, 255, (_ROWS, 3))[:40])
        return Examples((x - like.min(axis=0)) / np.ptp(like, axis=0), kinds)


class EachFromZeroToOne(FromZeroToOne):
    """Brings each split between 0 and 1 by its own numbers."""

    def like(self, x: Array, first: Array) -> Array:
        return x


class NamedKinds(_Cut):
    """Names the kinds that there may be."""

    def names(self, kinds: Array) -> Array:
        return np.arange(5)

    def examples(self, split: str, x: Array, kinds: Array) -> RandomAccess:
        names = self.names(kinds)
        return Examples(x, np.searchsorted(names, kinds), classes=[f"kind {name}" for name in names])


class NamesOfEachSplit(NamedKinds):
    """Names the kinds that occur in a split."""

    def names(self, kinds: Array) -> Array:
        return np.unique(kinds)


BUGS = [
    Bug(KindsOfEachSplit, "splits-alike", "beside"),
    Bug(ScalesOne, "splits-alike", "deviation"),
    Bug(ScaledByItself, "splits-alike", "exactly"),
    Bug(EachFromZeroToOne, "splits-alike", "exactly"),
    Bug(NamesOfEachSplit, "splits-alike", "has the classes 'kind 0', 'kind 1', 'kind 2', 'kind 3'"),
    Bug(NumbersForLabels, "splits-alike", "is float64, beside int64"),
]
SOUND: list[tuple[type, dict[str, Any]]] = [
    (dataset, {})
    for dataset in (AllKinds, ScalesAll, NoTargets, OtherSizes, ScaledByTheFirst, FromZeroToOne, NamedKinds)
]
