"""Points around centres: a classification that is drawn, not read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np

from layerkit.arguments import LARGEST, check_choice, check_integer, check_number, shown
from layerkit.data.examples import Examples
from layerkit.errors import ArgumentError
from layerkit.interfaces.dataset import Dataset
from layerkit.memory import require_room


@final
class Blobs(Dataset):
    """Points x = centre + spread · ε, normally distributed around one centre for each class.

    ``x``: ``(n, features)`` float64. ``y``: ``(n,)`` int64, the number of the centre. Both parts are drawn by ``seed``
    when they are loaded, and are in random order.

    Args:
        centres: a point for each class, all with as many features.
        counts: how many points of each class there are to train with.
        test_counts: how many to test with; as many as ``counts`` says if left out. Equal ones make accuracy the mean of
            the classes' own, also where classes are rare in training.
        spread: the standard deviation of each feature around its centre.
        seed: makes all random numbers.

    >>> train = Blobs(centres=[[0, 0], [3, 0]], counts=[95, 5]).load("train")
    >>> train.x.shape, np.bincount(train.y).tolist()
    ((100, 2), [95, 5])
    """

    def __init__(
        self,
        *,
        centres: Sequence[Sequence[float]] = ((-1.0, 0.0), (1.0, 0.0)),
        counts: Sequence[int] = (100, 100),
        test_counts: Sequence[int] | None = None,
        spread: float = 1.0,
        seed: int = 0,
    ) -> None:
        _check_list(self, "centres", centres, "two or more points, such as [[0, 0], [3, 0]]", least=2)
        for centre in centres:
            _check_list(self, "centres", centre, "points of one number or more, such as [[0, 0], [3, 0]]", least=1)
            if len(centre) != len(centres[0]):
                raise ArgumentError(f"Blobs: centres must be points of as many numbers each, got {shown(centres)}")
            for number in centre:
                check_number(self, "centres", number, minimum=-LARGEST, maximum=LARGEST)
        for name, given in (("counts", counts), ("test_counts", counts if test_counts is None else test_counts)):
            _check_list(self, name, given, f"{len(centres)} numbers, one for each centre", least=0)
            if len(given) != len(centres):
                raise ArgumentError(
                    f"Blobs: {name} must be {len(centres)} numbers, one for each centre, got {shown(given)}"
                )
            for count in given:
                check_integer(self, name, count, minimum=0)
            if not any(given):
                raise ArgumentError(f"Blobs: {name} must have a number above 0, got {shown(given)}")
        check_number(self, "spread", spread, minimum=0, maximum=LARGEST)
        check_integer(self, "seed", seed, minimum=0)
        self.centres = centres
        self.counts = counts
        self.test_counts = test_counts
        self.spread = spread
        self.seed = seed

    def load(self, split: str) -> Examples:
        """One part of the set: ``"train"`` or ``"test"``."""
        check_choice(self, "split", split, self.splits)
        counts = self.counts if split == "train" or self.test_counts is None else self.test_counts
        require_room(self, sum(map(int, counts)) * (2 + len(self.centres[0])))
        rng = np.random.default_rng([self.seed, self.splits.index(split)])
        labels = rng.permutation(np.repeat(np.arange(len(counts)), counts))
        centres = np.array(self.centres, np.float64)
        x = centres[labels] + self.spread * rng.normal(size=(len(labels), centres.shape[1]))
        return Examples(x, labels, classes=tuple(map(str, range(len(centres)))))


def _check_list(owner: object, name: str, value: object, wanted: str, *, least: int) -> None:
    if not isinstance(value, (list, tuple)) or len(value) < least:
        raise ArgumentError(f"{type(owner).__name__}: {name} must be a list of {wanted}, got {shown(value)}")
