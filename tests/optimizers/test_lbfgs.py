from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from layerkit import LBFGS, CrossEntropy, Dense, Quadratic, Sequential, Tanh, Trainer
from layerkit.errors import ArgumentError
from layerkit.optimizers.line_search import Point, wolfe_step
from layerkit.types import Array
from tests.reference.updates import vector_context
from tests.reference.values import reference

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 4))
Y = np.sin(X[:, :1]) * X[:, 1:2]


def valley(point: Array) -> tuple[float, Array]:
    """Rosenbrock's curved valley, whose minimum is 0 at (1, 1)."""
    x, y = point
    slope = np.array([-400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)])
    return float(100 * (y - x * x) ** 2 + (1 - x) ** 2), slope


def test_it_finds_the_end_of_a_curved_valley() -> None:
    point, ctx = np.array([-1.2, 1.0]), vector_context(2, rate=1.0)
    asked = 0

    def evaluate() -> tuple[float, Array]:
        nonlocal asked
        asked += 1
        return valley(point)

    ctx.bind(evaluate)
    for _ in range(40):
        LBFGS().update(point, valley(point)[1], ctx)
    np.testing.assert_allclose(point, 1.0, atol=1e-6)
    assert asked < 120


def test_its_way_down_a_quadratic_is_pytorchs() -> None:
    curvature = np.array([1.0, 10.0, 100.0, 1000.0])
    point, ctx = np.ones(4), vector_context(4, rate=1.0)
    ctx.bind(lambda: (float(0.5 * curvature @ point**2), curvature * point))
    for expected in reference("optimizers")["lbfgs"]:
        LBFGS().update(point, curvature * point, ctx)
        np.testing.assert_allclose(point, expected, rtol=1e-6)
    for _ in range(10):
        LBFGS().update(point, curvature * point, ctx)
    assert np.abs(point).max() < 1e-9


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_network_trains_to_a_fraction_of_what_it_began_with(dtype: str) -> None:
    model = Sequential([Dense(12, activation=Tanh()), Dense(1)]).initialize(4, seed=0, dtype=dtype)
    trainer = Trainer(model, cost=Quadratic(), optimizer=LBFGS(), seed=0, silence=("all",))
    costs = trainer.fit((X, Y), epochs=150, batch_size=len(X))["cost"]
    assert costs[-1] < 0.01 * costs[0]
    assert all(later <= earlier * (1 + 1e-5) for earlier, later in pairwise(costs))


def test_a_resumed_run_ends_with_the_same_bits() -> None:
    def trainer() -> Trainer:
        model = Sequential([Dense(5, activation=Tanh()), Dense(1)]).initialize(4, seed=0)
        return Trainer(model, cost=Quadratic(), optimizer=LBFGS(memory=3), seed=0, silence=("all",))

    whole, first, second = trainer(), trainer(), trainer()
    whole.fit((X, Y), epochs=12, batch_size=200)
    first.fit((X, Y), epochs=5, batch_size=200)
    second.restore(first.state())
    second.fit((X, Y), epochs=12 - 5, batch_size=200)
    np.testing.assert_array_equal(whole.model.structure.parameters, second.model.structure.parameters)


def test_batches_are_refused_before_anything_moves() -> None:
    model = Sequential([Dense(1)]).initialize(4, seed=0)
    before = model.structure.parameters.copy()
    trainer = Trainer(model, cost=Quadratic(), optimizer=LBFGS())
    with pytest.raises(ArgumentError, match=r"LBFGS: an epoch has 20 steps.*give all of the data in one batch"):
        trainer.fit((X, Y), epochs=1, batch_size=10)
    np.testing.assert_array_equal(model.structure.parameters, before)


def test_a_step_that_would_overflow_is_shortened() -> None:
    model = Sequential([Dense(3), Dense(1)]).initialize(4, seed=0)
    trainer = Trainer(model, cost=Quadratic(), optimizer=LBFGS(1e6), silence=("all",))
    costs = trainer.fit((X, Y), epochs=5, batch_size=200)["cost"]
    assert np.isfinite(costs).all()
    assert costs[-1] <= costs[0] * (1 + 1e-6)


def test_at_the_minimum_nothing_moves() -> None:
    point, ctx = np.zeros(2), vector_context(2, rate=1.0)
    ctx.bind(lambda: (0.0, np.zeros(2)))
    LBFGS().update(point, np.zeros(2), ctx)
    np.testing.assert_array_equal(point, 0.0)


@pytest.mark.parametrize("first", [1e-3, 0.1, 1.0, 30.0])
def test_the_line_search_fulfils_the_strong_wolfe_conditions(first: float) -> None:
    def along(distance: float) -> Point:
        # falls, rises, and falls again
        return Point(distance, float(np.cos(distance) + 0.1 * distance), float(0.1 - np.sin(distance)))

    start = along(1.0)._replace(distance=0.0)
    found = wolfe_step(lambda distance: along(1.0 + distance)._replace(distance=distance), start, first,
                       evaluations=30, rounding=0.0)  # fmt: skip
    assert found.cost <= start.cost + 1e-4 * found.distance * start.slope
    assert abs(found.slope) <= 0.9 * abs(start.slope)


@pytest.mark.parametrize("argument", [{"memory": 0}, {"evaluations": 0}, {"learning_rate": -1}])
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"LBFGS: {next(iter(argument))}"):
        LBFGS(**argument)


@pytest.mark.parametrize(("then", "now"), [(2, 20), (20, 2), (3, 4)])
def test_a_run_may_be_resumed_with_another_memory(then: int, now: int) -> None:
    x, y = np.random.default_rng(0).normal(size=(30, 4)), np.arange(30) % 3
    trainers = [
        Trainer(Sequential([Dense(3)]), cost=CrossEntropy(), optimizer=LBFGS(memory=memory), seed=0)
        for memory in (then, now)
    ]
    trainers[0].fit((x, y), epochs=5, batch_size=30)
    trainers[1].restore(trainers[0].state())
    costs = [trainers[1].fit((x, y), epochs=1, batch_size=30)["cost"][0] for _ in range(15)]
    assert max(after - before for before, after in pairwise(costs)) < 1e-6
    assert costs[-1] < costs[0]


def test_what_is_remembered_of_other_layers_says_nothing() -> None:
    x, y = np.random.default_rng(0).normal(size=(30, 4)), np.arange(30) % 3
    model = Sequential([Dense(5, activation=Tanh()), Dense(3)]).initialize(4, seed=0)
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=LBFGS(), seed=0)
    model[1].freeze()
    trainer.fit((x, y), epochs=5, batch_size=30)
    model[1].unfreeze()
    model[0].freeze()
    costs = trainer.fit((x, y), epochs=5, batch_size=30)["cost"]
    assert max(after - before for before, after in pairwise(costs)) < 1e-6
    assert costs[-1] < costs[0]
