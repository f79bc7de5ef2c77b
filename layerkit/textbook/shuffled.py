"""Examples in an order that changes from epoch to epoch."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, final

import numpy as np

from layerkit.data.examples import Examples
from layerkit.interfaces.dataset import Batch, RandomAccess
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array


@final
class Shuffled(RandomAccess):
    """The rows of ``examples`` as ``random.Random(seed).shuffle`` orders a list of them, again at each ``shuffle``."""

    def __init__(self, examples: Examples, seed: int) -> None:
        self._examples = examples
        # the generator starts anew at each epoch, so one permutation serves them all
        self._moves = list(range(len(examples)))
        random.Random(seed).shuffle(self._moves)
        self._permutation = np.array(self._moves)
        self._order = np.arange(len(examples))

    def shuffle(self, data: list[Any]) -> None:
        """Shuffle once more: the rows here, and ``data``, the list that they came from, in place."""
        self._order = self._order[self._permutation]
        data[:] = [data[place] for place in self._moves]

    def __len__(self) -> int:
        return len(self._examples)

    def gather(self, count: int, scratch: Scratch) -> Callable[[Array], Batch]:
        gathered = self._examples.gather(count, scratch)
        return lambda rows: gathered(self._order[rows])

    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        return self._examples.batch(self._order[rows], scratch)
