"""Sound datasets and callbacks of unusual form."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
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

    sets = ("optimizer.learning_rate",)

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


class Clock(Callback):
    """Keeps how long each epoch takes, in words too, and in its state."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.words = ""
        self.began = 0.0

    def fit_started(self, fit: Any) -> None:
        self.began = perf_counter()

    def progress(self, fit: Any) -> None:
        self.words = "" if fit.cost is None else f"{fit.cost:.3f} after {time.monotonic() - self.began:.3f} s"

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        now = perf_counter()
        self.seconds.append(now - self.began)
        self.began = now

    def state(self) -> dict[str, Any]:
        return {"seconds": list(self.seconds)}

    def restore(self, state: dict[str, Any]) -> None:
        self.seconds = list(state["seconds"])


class ClosedFile(Callback):
    """Writes each cost into a file, which it closes and forgets when the fit ends."""

    def __init__(self) -> None:
        self.file: Any = None

    def fit_started(self, fit: Any) -> None:
        self.file = Path("costs.txt").open("a", encoding="utf-8")  # noqa: SIM115 - it is closed when the fit ends

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        self.file.write(f"{record['cost']}\n")
        self.file.flush()

    def fit_ended(self, fit: Any) -> None:
        if self.file is not None:
            self.file.close()
        self.file = None


HONEST: list[tuple[type, dict[str, Any]]] = [
    *((dataset, {}) for dataset in (Points, Gathered, OneAtATime, Ragged, Endless, DrawnOnce)),
    *((callback, {}) for callback in (LowersTheRate, Sums, KnownLength, KeptTable, Clock, ClosedFile)),
]
