from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest

from layerkit import Dense, GradientDescent, MeanSquaredError, Quadratic, Sequential, Trainer
from layerkit.types import Array

Data: TypeAlias = tuple[Array, Array]
MakeTrainer: TypeAlias = Callable[..., Trainer]


@pytest.fixture
def data() -> Data:
    """Rows of a noisy straight line."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3))
    return x, x @ np.array([[1.0], [-2.0], [0.5]]) + 0.1 * rng.normal(size=(40, 1))


@pytest.fixture
def make_trainer() -> MakeTrainer:
    """Trainers of a linear model, all alike."""

    def make(learning_rate: float = 0.1) -> Trainer:
        return Trainer(
            Sequential([Dense(1)]),
            cost=Quadratic(),
            optimizer=GradientDescent(learning_rate),
            metrics=[MeanSquaredError()],
            seed=0,
        )

    return make
