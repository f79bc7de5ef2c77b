"""Sound datasets and callbacks of unusual form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from layerkit import Batch, Callback, Dataset, Examples, RandomAccess, Stream
from layerkit.errors import ArgumentError
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array
from tests.testing.gallery.datasets import Points
from tests.testing.gallery.datasets_gather import Gathered
from tests.testing.gallery.datasets_read_anew import DrawnOnce, KeptTable


class _OneAtATime(RandomAccess):
    """Rows that are made when they are asked for, and kept."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[Array, int]] = {}

    def __len__(self) -> int:
        return 12

    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        found = [self.row(int(row)) for row in rows]
        x = scratch("x", (len(rows), 3))
        for place, (values, _) in enumerate(found):
            x[place] = values
        return Batch(x, np.array([label for _, label in found]))

    def row(self, row: int) -> tuple[Array, int]:
        if row not in self.known:
            self.known[row] = np.random.default_rng(row).normal(size=3), row % 2
        return self.known[row]


class OneAtATime(Dataset):
    """Makes each row when it is first asked for."""

    splits = ("train",)

    def load(self, split: str) -> RandomAccess:
        if split not in self.splits:
            raise ArgumentError(f"OneAtATime: no split {split!r}; there are {self.splits}")
        return _OneAtATime()


class Ragged(Dataset):
    """Sequences with a mask and weights, two inputs, integers among them."""

    splits = ("all",)

    def load(self, split: str) -> Examples:
        if split not in self.splits:
            raise ArgumentError(f"Ragged: no split {split!r}; there are {self.splits}")
        rng = np.random.default_rng(0)
        mask = np.arange(4) < rng.integers(1, 5, (9, 1))
        x = rng.integers(0, 256, (9, 4, 2), dtype=np.uint8), rng.normal(size=(9, 4))
        return Examples(x, rng.random((9, 4, 1)), weights=np.arange(9), mask=mask)


class _Endless(Stream):
    def open(self, epoch: int, position: int) -> Iterator[Batch]:
        while True:
            rng = np.random.default_rng([epoch, position])
            length = 2 + position % 3
            yield Batch(rng.normal(size=(4, length, 2)), rng.random((4, length, 1)))
            position += 1


class Endless(Dataset):
    """A stream without an end, whose batches are of other lengths each time."""

    splits = ("train",)

    def load(self, split: str) -> Stream:
        if split not in self.splits:
            raise ArgumentError(f"Endless: no split {split!r}; there are {self.splits}")
        return _Endless()


class LowersTheRate(Callback):
    """Halves the optimizer's rate after each epoch, from the third on."""

    def __init__(self) -> None:
        self.first: float | None = None

    def fit_started(self, fit: Any) -> None:
        self.first = fit.trainer.optimizer.learning_rate if self.first is None else self.first
        self.follow(fit)

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        self.follow(fit)

    def follow(self, fit: Any) -> None:
        fit.trainer.optimizer.learning_rate = self.first * 0.5 ** max(0, fit.epoch - 2)

    def state(self) -> dict[str, Any]:
        return {"first": self.first}

    def restore(self, state: dict[str, Any]) -> None:
        self.first = state["first"]


class Sums(Callback):
    """Adds up how far the parameters move, step by step."""

    every_steps = 1
    changes_training = False

    def __init__(self) -> None:
        self.total = 0.0
        self.last: Any = None

    def fit_started(self, fit: Any) -> None:
        self.last = fit.model.structure.parameters.copy()

    def steps_ended(self, fit: Any) -> None:
        now = fit.model.structure.parameters
        self.total += float(np.abs(now - self.last).sum())
        self.last = now.copy()

    def state(self) -> dict[str, Any]:
        return {"total": self.total}

    def restore(self, state: dict[str, Any]) -> None:
        self.total = state["total"]


class KnownLength(Callback):
    """Says at once that it needs to know how long an epoch is."""

    def fit_started(self, fit: Any) -> None:
        if fit.batches_per_epoch is None:
            raise ArgumentError("KnownLength: needs data of a known length")


HONEST: list[tuple[type, dict[str, Any]]] = [
    *((dataset, {}) for dataset in (Points, Gathered, OneAtATime, Ragged, Endless, DrawnOnce)),
    *((callback, {}) for callback in (LowersTheRate, Sums, KnownLength, KeptTable)),
]
