"""Trainers on targets that are far from 0 and of several sizes, for the tests of their scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from layerkit import (
    Adam,
    Dense,
    Layer,
    MeanSquaredError,
    Quadratic,
    Sequential,
    Tanh,
    Trainer,
    Unstandardize,
)
from layerkit.types import Array

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
Y = 5e4 + 300 * np.column_stack([np.sin(X[:, 0]), X[:, 1] * X[:, 2], X.sum(axis=1)]) * [1, 10, 0.01]


def new_trainer(
    outputs: int = 3, *, front: Sequence[Layer] = (), standardize: bool = True, dtype: str = "float64", **options: Any
) -> Trainer:
    model = Sequential([*front, Dense(8, activation=Tanh()), Dense(outputs)]).astype(dtype)
    options = {"metrics": [MeanSquaredError()], "optimizer": Adam(0.02), "seed": 0, "cost": Quadratic(), **options}
    return Trainer(model, standardize_targets=standardize, **options)


def scale_of(trainer: Trainer) -> tuple[Any, Any]:
    readout = trainer.model.readout
    assert isinstance(readout, Unstandardize)
    return readout.mean, readout.deviation


def scaled(y: Array) -> Array:
    return np.asarray((y - y.mean(axis=0)) / y.std(axis=0))
