"""Networks that are more than a chain give the results of the ``numpy`` engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from layerkit_numba import NumbaEngine

from layerkit import (
    Add,
    Average,
    Concatenate,
    Dense,
    Dropout,
    Embedding,
    Engine,
    Flatten,
    GradientDescent,
    Graph,
    Model,
    Multiply,
    NumpyEngine,
    Parallel,
    Quadratic,
    Repeat,
    Sequential,
    Tanh,
    Trainer,
)
from layerkit.types import Array


def tokens_and_numbers() -> Model:
    """Each way of joining, one layer in two nodes, and tokens that an embedding and a dense layer read."""
    twice = Dense(4, activation=Tanh())
    nodes = {
        "words": (Embedding(5, 1), "tokens"),
        "vectors": (Flatten(), "words"),
        "raw": (Dense(4), "tokens"),
        "one": (twice, "vectors"),
        "two": (twice, "one"),
        "sides": (Parallel([Dense(4), Repeat(Dense(4, activation=Tanh()), 2)], join=Average()), "numbers"),
        "product": (Multiply(), "one", "two", "raw", "sides"),
        "sum": (Add(), "product", "one", "sides"),
        "dropped": (Dropout(0.3), "sum"),
        "all": (Concatenate(), "dropped", "two"),
        "output": (Dense(2), "all"),
    }
    return Graph(nodes, inputs=("tokens", "numbers"))


def both_sides_of_a_frozen_branch() -> Model:
    branches = [Dense(4).freeze(), Sequential([Dense(4, activation=Tanh()), Dense(4)]), Tanh()]
    return Sequential([Dense(4), Parallel(branches, join=Multiply()), Dense(2)])


def trained(engine: Engine, model: Model, shape: Any, x: Any, y: Array, **fit: Any) -> tuple[Array, list[float], Any]:
    model.initialize(shape, seed=3, dtype="float64")
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.05), engine=engine, seed=5)
    history = trainer.fit((x, y), epochs=2, batch_size=4, **fit)
    return model.structure.parameters, history["cost"], trainer.state()["streams"]["kept"]


RNG = np.random.default_rng(0)
TOKENS, NUMBERS, TARGETS = RNG.integers(0, 5, (14, 4)), RNG.normal(size=(14, 4)), RNG.normal(size=(14, 2))


@pytest.mark.parametrize(
    ("make", "shape", "x", "fit"),
    [
        (tokens_and_numbers, {"tokens": 4, "numbers": 4}, {"tokens": TOKENS, "numbers": NUMBERS}, {}),
        pytest.param(both_sides_of_a_frozen_branch, 4, NUMBERS, {"accumulate": 2}, marks=pytest.mark.thorough),
    ],
    ids=["graph", "frozen"],
)
@pytest.mark.usefixtures("never_repeated")
def test_what_is_no_chain(make: Any, shape: Any, x: Any, fit: dict[str, Any]) -> None:
    (ours, *rest), (theirs, *others) = (
        trained(engine, make(), shape, x, TARGETS, **fit) for engine in (NumbaEngine(), NumpyEngine())
    )
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(rest[0], others[0], rtol=1e-9)
    assert rest[1] == others[1]
