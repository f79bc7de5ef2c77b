"""The gradient of each example in networks that are drawn at random: that of the example alone, under masks too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Add,
    Batch,
    BatchNormalization,
    Bias,
    Bidirectional,
    Dense,
    Embedding,
    GradientDescent,
    Graph,
    GroupNormalization,
    Highway,
    LayerNormalization,
    LayerStatistics,
    Maxout,
    Parallel,
    PReLU,
    Quadratic,
    Repeat,
    Residual,
    RMSNormalization,
    Scale,
    Sequential,
    Sigmoid,
    Tanh,
    TiedDense,
    TimeDistributed,
    Trainer,
)
from layerkit.engines import Differentiate, RandomStreams

ROWS, TIME, WIDTH = 4, 3, 4

LEAVES: list[Callable[[], Any]] = [
    lambda: Dense(WIDTH),
    lambda: Dense(WIDTH, activation=Tanh()),
    lambda: Dense(WIDTH, activation=PReLU()),
    lambda: Maxout(WIDTH),
    Bias,
    Scale,
    LayerNormalization,
    RMSNormalization,
    lambda: GroupNormalization(2),
    PReLU,
]


def drawn(rng: np.random.Generator, depth: int, *, time: bool) -> Any:
    """A layer that keeps the shape of its input; ``time``: whether that has an axis of time."""
    if depth == 0:
        return LEAVES[rng.integers(len(LEAVES))]()

    def inner(time: bool = time) -> Any:
        return drawn(rng, depth - 1, time=time)

    containers: list[Callable[[], Any]] = [
        lambda: Sequential([inner(), inner()]),
        lambda: Residual(inner()),
        lambda: Parallel([inner(), inner()], join=Add()),
        lambda: Repeat(inner(), 2),
        lambda: Repeat(inner(), 2, tied=True),
        lambda: Highway(inner()),
        lambda: Graph({"a": (inner(), "input"), "b": (inner(), "a"), "c": (Add(), "a", "b", "input")}),
        lambda: twice(inner()),
        lambda: tied(inner()),
    ]
    if time:
        containers += [lambda: TimeDistributed(inner(time=False)), lambda: Bidirectional(inner(), join=Add())]
    return containers[rng.integers(len(containers))]()


def twice(layer: Any) -> Sequential:
    return Sequential([layer, Tanh(), layer])


def tied(between: Any) -> Sequential:
    dense = Dense(WIDTH, activation=Sigmoid())
    return Sequential([dense, between, TiedDense(dense, units=WIDTH, activation=Tanh())])


def require_those_of_rows_alone(layer: Any, x: Any, y: Any, mask: Any, shape: Any) -> None:
    model = Sequential([layer]).initialize(shape, seed=1, dtype="float64")
    rng = np.random.default_rng(0)
    for values in model.parameters.values():
        np.add(values, rng.normal(scale=0.1, size=values.shape), out=values)
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), silence=("all",), seed=0)
    found = trainer.example_gradients((x, y), mask=mask)
    differentiate = Differentiate(model, trainer.cost, RandomStreams(0))
    structure = model.structure
    for row in range(len(x)):
        own = slice(row, row + 1)
        differentiate(Batch(x[own], y[own], mask=None if mask is None else mask[own]))
        for entry in structure.entries:
            wanted = entry.view(structure.gradient)
            np.testing.assert_allclose(found[entry.path][row], wanted, rtol=1e-9, atol=1e-9, err_msg=entry.path)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("seed", [*range(30), *[pytest.param(it, marks=pytest.mark.thorough) for it in range(30, 300)]])
def test_each_is_that_of_the_row_alone(seed: int, masked: bool) -> None:
    rng = np.random.default_rng(seed)
    layer = drawn(rng, int(rng.integers(1, 4)), time=True)
    x, y = rng.normal(size=(ROWS, TIME, WIDTH)), rng.normal(size=(ROWS, TIME, WIDTH))
    mask = np.arange(TIME) < np.array([[3], [1], [2], [3]]) if masked else None
    require_those_of_rows_alone(layer, x, y, mask, (None, WIDTH))


@pytest.mark.parametrize("leaf", range(len(LEAVES)))
@pytest.mark.parametrize("masked", [False, True])
def test_steps_that_are_rows_inside_are_credited_to_their_example(leaf: int, masked: bool) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(ROWS, TIME, WIDTH)), rng.normal(size=(ROWS, TIME, WIDTH))
    mask = np.arange(TIME) < np.array([[3], [1], [2], [3]]) if masked else None
    require_those_of_rows_alone(TimeDistributed(LEAVES[leaf]()), x, y, mask, (None, WIDTH))


def test_a_table_that_is_borrowed_has_the_sum() -> None:
    rng, words = np.random.default_rng(0), Embedding(6, WIDTH)
    layer = Sequential([words, Dense(WIDTH, activation=Tanh()), TiedDense(words)])
    require_those_of_rows_alone(
        layer, rng.integers(0, 6, (ROWS, TIME)), rng.normal(size=(ROWS, TIME, 6)), None, (TIME,)
    )


@pytest.mark.parametrize(
    "network",
    [
        lambda: Sequential([Dense(WIDTH), BatchNormalization(), Dense(WIDTH)]),
        lambda: TimeDistributed(BatchNormalization()),
        lambda: tied(Bias()),
        lambda: twice(Dense(WIDTH)),
    ],
)
def test_each_is_that_of_finite_differences(network: Callable[[], Any]) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, ROWS, TIME, WIDTH))
    model = Sequential([network()]).initialize((TIME, WIDTH), seed=1, dtype="float64")
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.01), silence=("all",), seed=0)
    trainer.fit((x, y), epochs=1)
    found = trainer.example_gradients((x, y))
    little = 1e-5
    for path, values in model.parameters.items():
        direction, before = rng.normal(size=values.shape), values.copy()
        for row in range(ROWS):
            costs = []
            for sign in (1, -1):
                values[...] = before + sign * little * direction
                costs.append(trainer.evaluate((x[row : row + 1], y[row : row + 1]))["cost"])
            values[...] = before
            slope = (costs[0] - costs[1]) / (2 * little)
            assert np.vdot(found[path][row], direction) == pytest.approx(slope, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("seed", range(8))
def test_norms_of_layer_statistics_are_those_of_the_trainer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    networks = [tied(Bias()), twice(Dense(WIDTH)), Repeat(Dense(WIDTH, activation=Tanh()), 3, tied=True)]
    layer = networks[seed] if seed < len(networks) else drawn(rng, 3, time=True)
    x, y = rng.normal(size=(2, ROWS, TIME, WIDTH))
    model = Sequential([layer]).initialize((TIME, WIDTH), seed=1, dtype="float64")
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.01), silence=("all",), seed=0)
    statistics = LayerStatistics()
    trainer.fit((x, y), epochs=1, callbacks=[statistics])
    record, suffix = statistics.records[-1], ".gradient"
    found = {key.removesuffix(suffix): value for key, value in record.items() if key.endswith(suffix)}
    assert found == pytest.approx(trainer.gradient_norms((x, y)))
