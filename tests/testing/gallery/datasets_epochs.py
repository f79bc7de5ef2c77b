"""Streams whose epochs end in an empty batch, or of which there are some alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from layerkit import Batch, Dataset, Stream
from layerkit.errors import ArgumentError
from tests.testing.gallery.bug import Bug

_SIZE, _ROWS, _ORDERS = 5, 20, 8


class _Cut(Stream):
    def __init__(self, *, past: int, orders: int) -> None:
        self.past = past
        self.orders = orders

    def open(self, epoch: int, position: int) -> Iterator[Batch]:
        orders = [np.random.default_rng(each).permutation(_ROWS) for each in range(_ORDERS)]
        x = orders[epoch % self.orders][:, None] / _ROWS
        for start in range(_SIZE * position, _ROWS + self.past, _SIZE):
            part = x[start : start + _SIZE]
            yield Batch(part, 2 * part)


class Cut(Dataset):
    """Rows in one of eight orders, five at a time."""

    splits = ("train",)
    past: ClassVar[int] = 0
    orders: ClassVar[int] = _ORDERS

    def load(self, split: str) -> Stream:
        if split not in self.splits:
            raise ArgumentError(f"{type(self).__name__}: no split {split!r}; there are {self.splits}")
        return _Cut(past=self.past, orders=self.orders)


class EndsInNothing(Cut):
    """Gives what is left behind the last whole batch, though nothing is."""

    past = 1


class EightEpochs(Cut):
    """Has an order for each of eight epochs."""

    orders = 10**6


BUGS = [
    Bug(EndsInNothing, "epochs-open", "has no rows"),
    Bug(EightEpochs, "epochs-open", "opened at epoch 1000"),
]
SOUND: list[tuple[type, dict[str, Any]]] = [(Cut, {})]
