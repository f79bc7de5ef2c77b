"""What the engine cannot compile is refused before the first step, and the message says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from layerkit_numba import NumbaEngine

from layerkit import (
    Adam,
    Context,
    Cost,
    Dense,
    GradientDescent,
    Model,
    Optimizer,
    Quadratic,
    Sequential,
    Trainer,
    Transform,
)
from layerkit.errors import EngineError
from layerkit.types import Array

X, Y = np.ones((6, 3), np.float32), np.ones((6, 3), np.float32)


class Absolute(Cost):
    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return np.abs(prediction - target).sum(axis=1)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return np.sign(prediction - target)


class Still(Optimizer):
    def __init__(self, learning_rate: float = 0.0) -> None:
        self.learning_rate = learning_rate

    def update(self, parameters: Array, gradient: Array, ctx: Any) -> None:
        pass


class Nothing(Transform):
    pass


def dense() -> Model:
    return Sequential([Dense(3)])


@pytest.mark.parametrize(
    ("model", "cost", "optimizer", "transforms", "named"),
    [
        (dense, Absolute(), GradientDescent(0.1), (), "the cost Absolute"),
        (dense, Quadratic(), Still(), (), "the optimizer Still"),
        (dense, Quadratic(), Adam(), (Nothing(),), "the transform Nothing"),
    ],
    ids=["cost", "optimizer", "transform"],
)
def test_components_without_a_kernel(
    model: Callable[[], Model], cost: Cost, optimizer: Optimizer, transforms: tuple[Transform, ...], named: str
) -> None:
    trainer = Trainer(model(), cost=cost, optimizer=optimizer, transforms=transforms, engine=NumbaEngine(), seed=0)
    with pytest.raises(EngineError, match=f"{named}.*train with the engine 'numpy'"):
        trainer.fit((X, Y), epochs=1)


@pytest.mark.parametrize(
    ("data", "shape", "arguments", "named"),
    [
        (lambda: [(X, Y)], 3, {}, "Generated"),
    ],
    ids=["stream"],
)
def test_data_that_is_not_plain_arrays(data: Any, shape: Any, arguments: dict[str, Any], named: str) -> None:
    model = dense().initialize(shape, seed=0)
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), engine=NumbaEngine(), seed=0)
    with pytest.raises(EngineError, match=named):
        trainer.fit(data, epochs=1, batch_size=2, **arguments)


def test_shapes_that_vary() -> None:
    model = Sequential([Dense(3)]).initialize((None, 3), seed=0)
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), engine=NumbaEngine(), seed=0)
    with pytest.raises(EngineError, match=r"Sequential has the shape \(None, 3\)"):
        trainer.fit((X[:, None], Y[:, None]), epochs=1)
