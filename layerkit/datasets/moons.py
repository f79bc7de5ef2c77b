"""Two half circles that interlock."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import LARGEST, check_choice, check_integer, check_number
from layerkit.data.examples import Examples
from layerkit.interfaces.dataset import Dataset
from layerkit.memory import require_room
from layerkit.types import Array


@final
class Moons(Dataset):
    """Points of two half circles that interlock, which no straight line tells apart: two classes, generated, not held.

    The upper one is (cos t, sin t), the lower one (1 − cos t, ½ − sin t), t uniform from 0 to π, each number with
    normal noise. ``x``: ``(n, 2)`` float64, the columns ``across`` and ``up``. ``y``: ``(n,)`` int64, 0 for the upper
    and 1 for the lower, as often. The points are the same on every machine, and no point is in both splits.

    Args:
        train: how many points to train with.
        test: how many to test with.
        noise: the standard deviation around the circles, at least 0.
        seed: of the points that are drawn.

    Source: scikit-learn, ``sklearn.datasets.make_moons``.

    >>> train = Moons(train=4).load("train")
    >>> train.x.shape, train.y, train.classes
    ((4, 2), array([0, 1, 0, 1]), ('upper', 'lower'))
    """

    def __init__(self, *, train: int = 1000, test: int = 1000, noise: float = 0.2, seed: int = 0) -> None:
        check_integer(self, "train", train, minimum=1)
        check_integer(self, "test", test, minimum=1)
        check_number(self, "noise", noise, minimum=0, maximum=LARGEST)
        check_integer(self, "seed", seed, minimum=0)
        self.train = train
        self.test = test
        self.noise = noise
        self.seed = seed

    def load(self, split: str) -> Examples:
        """One part of the set: ``"train"`` or ``"test"``."""
        check_choice(self, "split", split, self.splits)
        require_room(self, 6 * (int(self.train) + int(self.test)))
        angle, *drawn = _uniform(self.train + self.test, self.seed)
        rows = slice(0, self.train) if split == "train" else slice(self.train, None)
        y = np.arange(self.train + self.test) % 2
        t = np.pi * angle
        points = np.where(y == 0, (np.cos(t), np.sin(t)), (1 - np.cos(t), 0.5 - np.sin(t)))
        # two uniform numbers make two normal ones, after Box and Muller
        distance, turn = self.noise * np.sqrt(-2 * np.log(1 - drawn[0])), 2 * np.pi * drawn[1]
        x = (points + distance * np.array((np.cos(turn), np.sin(turn)))).T
        return Examples(x[rows], y[rows], names=("across", "up"), target_name="moon", classes=("upper", "lower"))


def _uniform(count: int, seed: int) -> Array:
    """Three numbers from 0 to below 1 for each point, ``(3, count)``."""
    # NumPy keeps a bit generator's raw numbers the same from version to version, but not what it draws with them
    return (np.random.PCG64(seed).random_raw(3 * count).reshape(count, 3).T >> np.uint64(11)) * 2.0**-53
