"""Friedman's second function: a regression that is drawn, not read."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import LARGEST, check_choice, check_integer, check_number
from layerkit.data.examples import Examples
from layerkit.data.split import split_part
from layerkit.interfaces.dataset import Dataset
from layerkit.memory import require_room
from layerkit.types import Array


@final
class Friedman(Dataset):
    """Impedances y = √(x₁² + (x₂ x₃ − 1 / (x₂ x₄))²) + noise · ε, of four features of very different sizes.

    ``x``: ``(n, 4)`` float64, evenly distributed: resistance 0 to 100, angular frequency 40π to 560π, inductance 0 to
    1, capacitance 1 to 11. ``y``: ``(n, 1)`` float64, some 0 to 1,800 with a standard deviation of 378; ε is standard
    normal. Drawn by ``seed`` when it is loaded; ``test_fraction`` of the ``rows`` is for testing.

    Source: Friedman, *Multivariate adaptive regression splines*, Annals of Statistics 19, 1991; Breiman, *Bagging
    predictors*, 1996 (with a noise of 125).

    >>> train = Friedman(rows=1000).load("train")
    >>> train.x.shape, train.y.shape, train.names
    ((800, 4), (800, 1), ('resistance', 'frequency', 'inductance', 'capacitance'))
    """

    def __init__(self, *, rows: int = 20_000, noise: float = 0.0, test_fraction: float = 0.2, seed: int = 0) -> None:
        check_integer(self, "rows", rows, minimum=2)
        check_number(self, "noise", noise, minimum=0, maximum=LARGEST)
        check_number(self, "test_fraction", test_fraction, above=0, below=1)
        check_integer(self, "seed", seed, minimum=0)
        self.rows = rows
        self.noise = noise
        self.test_fraction = test_fraction
        self.seed = seed

    def load(self, split: str) -> Examples:
        """One part of the set: ``"train"`` or ``"test"``."""
        check_choice(self, "split", split, self.splits)
        require_room(self, 6 * int(self.rows))
        rng = np.random.default_rng(self.seed)
        x = rng.uniform([0, 40 * np.pi, 0, 1], [100, 560 * np.pi, 1, 11], (self.rows, 4))
        y = impedance(x) + self.noise * rng.normal(size=(self.rows, 1))
        examples = Examples(
            x,
            y,
            names=("resistance", "frequency", "inductance", "capacitance"),
            target_name="impedance",
            labels=False,
        )
        return split_part("Friedman", examples, split, test_fraction=self.test_fraction, seed=self.seed)


def impedance(x: Array) -> Array:
    """The function itself, without noise: ``(n, 4)`` to ``(n, 1)``."""
    resistance, frequency, inductance, capacitance = x.T
    reactance = frequency * inductance - 1 / (frequency * capacitance)
    return np.asarray(np.hypot(resistance, reactance)[:, np.newaxis])
