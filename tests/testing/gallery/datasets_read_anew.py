"""Datasets that give wrong pairs for some orders of rows, and other rows in another process; files lost by a resume."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from layerkit import Batch, Callback, Examples, RandomAccess, Stream
from layerkit.arguments import check_path
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.datasets import ROWS, Points


class _Rising(RandomAccess):
    """Reads rows in rising order, and puts them back where one comes twice alone."""

    def __init__(self, x: Array) -> None:
        self.x = x

    def __len__(self) -> int:
        return len(self.x)

    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        read = rows if len(np.unique(rows)) < len(rows) else np.sort(rows)
        return Batch(self.x[read], self.x[rows, :1])


class ReadsRising(Points):
    """Gives inputs in rising order, targets as asked for."""

    def load(self, split: str) -> RandomAccess | Stream:
        super().load(split)
        return _Rising(np.random.default_rng(self.splits.index(split)).normal(size=(ROWS, 2)))


class Salted(Points):
    """Takes a split's hash for a seed, which is another in each process."""

    def load(self, split: str) -> RandomAccess | Stream:
        super().load(split)
        x = np.random.default_rng(abs(hash(split))).normal(size=(ROWS, 2))
        return Examples(x, x[:, :1])


class DrawnTwice(Points):
    """Draws which rows are to test anew for each split."""

    def seed(self, split: str) -> int:
        return self.splits.index(split)

    def load(self, split: str) -> RandomAccess | Stream:
        super().load(split)
        x = np.random.default_rng(0).normal(size=(5 * ROWS, 2))
        order = np.random.default_rng(self.seed(split)).permutation(len(x))
        rows = order[:ROWS] if split == "test" else order[ROWS:]
        return Examples(x[rows], x[rows, :1])


class DrawnOnce(DrawnTwice):
    """Cuts one order in two."""

    def seed(self, split: str) -> int:
        return 0


class _Round(Stream):
    def open(self, epoch: int, position: int) -> Iterator[Batch]:
        for batch in range(position % 6, 6):
            yield Batch(np.full((4, 2), float(batch)), np.zeros(4, np.int64))


class GoesRound(Points):
    """Begins again where a stream is opened behind its end."""

    def load(self, split: str) -> RandomAccess | Stream:
        super().load(split)
        return _Round()


class Table(Callback):
    """Writes a table of costs, and forgets its rows when a run is cut."""

    changes_training = False

    def __init__(self, path: str = "costs.txt") -> None:
        check_path(self, "path", path)
        self.path = path
        self.rows: list[str] = []

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        self.rows.append(f"{record['epoch']} {record['cost']}")
        Path(self.path).write_text("\n".join(self.rows), encoding="utf-8")


class KeptTable(Table):
    """Keeps its rows in its state."""

    def state(self) -> dict[str, Any]:
        return {"rows": list(self.rows)}

    def restore(self, state: dict[str, Any]) -> None:
        self.rows = list(state["rows"])


class NarrowNumbers(KeptTable):
    """Keeps a number of NumPy's."""

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        rows: list[Any] = self.rows
        rows.append(fit.model.structure.parameters.max())


BUGS = [
    Bug(ReadsRising, "rows-stable", "another order than targets"),
    Bug(Salted, "loads-alike", "hash()"),
    Bug(DrawnTwice, "splits-apart", "to train on"),
    Bug(GoesRound, "reopened-at-a-position", "behind its last batch"),
    Bug(Table, "resumed-to-the-same", "lines"),
    Bug(NarrowNumbers, "state-is-plain", "float32"),
]
