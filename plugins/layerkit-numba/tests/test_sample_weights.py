"""Only what sample weights are to each other counts, on both engines and for any size of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layerkit_numba import NumbaEngine

from layerkit import (
    BatchNormalization,
    CrossEntropy,
    Dense,
    Engine,
    GradientDescent,
    NumpyEngine,
    Quadratic,
    Sequential,
    Trainer,
)
from layerkit.errors import DataError
from layerkit.types import Array

ENGINES = [NumpyEngine, NumbaEngine]
X = np.random.default_rng(0).normal(size=(12, 3))
Y = np.random.default_rng(1).normal(size=(12, 2))


def trained(engine: Engine, weights: Any, *, dtype: str = "float64", **fit: Any) -> tuple[Array, Array, float]:
    """Parameters, states and cost after two epochs."""
    layers = [Dense(4), BatchNormalization(), Dense(2)]
    model = Sequential(layers).initialize(3, seed=2, dtype=dtype)
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), engine=engine, seed=3)
    history = trainer.fit((X, Y, np.asarray(weights)), epochs=2, **{"batch_size": 4, **fit})
    return model.structure.parameters.copy(), model.structure.states.copy(), history["cost"][-1]


def assert_same(one: tuple[Array, Array, float], other: tuple[Array, Array, float], tolerance: float) -> None:
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_allclose(np.asarray(mine), np.asarray(theirs), rtol=tolerance, atol=tolerance)


def assert_a_factor_changes_nothing(
    weights: list[float],
    nothing: set[int],
    exponent: int,
    factor: float,
    dtype: str,
    accumulate: int,
    shuffle: bool,
) -> None:
    given_weights = np.array([0.0 if place in nothing else weight for place, weight in enumerate(weights)])
    options: dict[str, Any] = {"dtype": dtype, "accumulate": accumulate, "shuffle": shuffle}
    expected = trained(NumpyEngine(), given_weights, **options)
    tolerance = 1e-3 if dtype == "float32" else 1e-9
    for engine in ENGINES:
        assert_same(trained(engine(), given_weights * factor * 10.0**exponent, **options), expected, tolerance)


@pytest.mark.parametrize("exponent", [-300, -40, 300])
def test_a_factor_on_all_weights_changes_nothing(exponent: int) -> None:
    assert_a_factor_changes_nothing(
        weights=np.random.default_rng(4).uniform(0.01, 100, 12).tolist(),
        nothing={2, 8},
        exponent=exponent,
        factor=0.7,
        dtype="float64",
        accumulate=2,
        shuffle=True,
    )


@pytest.mark.thorough
@settings(deadline=None, max_examples=40)
@given(
    weights=st.lists(st.floats(0.01, 100), min_size=12, max_size=12),
    nothing=st.sets(st.integers(0, 11), max_size=8),
    exponent=st.integers(-300, 300),
    factor=st.floats(0.1, 0.99),
    dtype=st.sampled_from(["float32", "float64"]),
    accumulate=st.sampled_from([1, 2]),
    shuffle=st.booleans(),
)
def test_nor_do_many_more(**drawn: Any) -> None:
    assert_a_factor_changes_nothing(**drawn)


@pytest.mark.parametrize("dtype", [pytest.param("float32", marks=pytest.mark.thorough), "float64"])
@pytest.mark.parametrize("small", [1e-30, 1e-40, 1e-100, 1e-290])
def test_a_batch_whose_weights_are_small_beside_the_others_counts_for_itself(small: float, dtype: str) -> None:
    weights = np.repeat([1.0, small, 3.0], 4)
    expected = trained(NumpyEngine(), np.repeat([1.0, 1e-6, 3.0], 4), dtype=dtype, shuffle=False)[:2]
    for engine in ENGINES:
        found = trained(engine(), weights, dtype=dtype, shuffle=False)
        assert_same((*found[:2], 0.0), (*expected, 0.0), 1e-3 if dtype == "float32" else 1e-9)


@pytest.mark.parametrize("accumulate", [1, pytest.param(2, marks=pytest.mark.thorough)])
def test_a_state_stays_where_an_update_has_weights_of_zero(accumulate: int) -> None:
    """The batches of the last step weigh nothing: parameters and states are those of the steps before."""
    weights = np.repeat([1.0, 2.0, 0.0], 4)
    results = [
        trained(engine(), weights, shuffle=False, batch_size=4 // accumulate, accumulate=accumulate)
        for engine in ENGINES
    ]
    assert_same(results[0], results[1], 1e-9)
    once = Sequential([BatchNormalization()]).initialize(3, seed=2)
    trainer = Trainer(once, cost=Quadratic(), optimizer=GradientDescent(0.1), engine=NumbaEngine(), seed=3)
    trainer.fit((X, X, weights), epochs=1, batch_size=4, shuffle=False)
    after = once.structure.states.copy()
    twice = Sequential([BatchNormalization()]).initialize(3, seed=2)
    trainer = Trainer(twice, cost=Quadratic(), optimizer=GradientDescent(0.1), seed=3)
    trainer.fit((X[:8], X[:8], weights[:8]), epochs=1, batch_size=4, shuffle=False)
    np.testing.assert_allclose(after, twice.structure.states, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("weights", [np.zeros(12), np.full(12, 1e-320) * 1e-10])
def test_weights_that_are_all_zero_are_refused(engine: type[Engine], weights: Array) -> None:
    with pytest.raises(DataError, match="all 0"):
        trained(engine(), weights)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_largest_numbers_are_weights_too(engine: type[Engine]) -> None:
    largest = np.finfo(np.float64).max
    assert_same(trained(engine(), np.full(12, largest)), trained(NumpyEngine(), np.ones(12)), 1e-9)


def test_evaluation_knows_no_size_of_weights_either() -> None:
    model = Sequential([Dense(2)]).initialize(3, seed=0)
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1))
    labels = (Y[:, 0] > 0).astype(int)
    plain = trainer.evaluate((X, labels), weights=np.arange(12.0))
    for size in (1e-300, 1e300):
        assert trainer.evaluate((X, labels), weights=np.arange(12.0) * size) == pytest.approx(plain)
    with pytest.raises(DataError, match="all 0"):
        trainer.evaluate((X, labels), weights=np.zeros(12))


def test_the_weights_of_a_stream_must_have_sums() -> None:
    model = Sequential([Dense(2)]).initialize(3, seed=0)
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1))
    before = model.structure.parameters.copy()
    with pytest.raises(DataError, match="divide all weights by one number"):
        trainer.fit(lambda: iter([(X, Y, np.full(12, 1e308))]), epochs=1)
    np.testing.assert_array_equal(model.structure.parameters, before)
    with pytest.raises(DataError, match="all 0"):
        trainer.fit(lambda: iter([(X, Y, np.zeros(12))]), epochs=1)
    trainer.fit(lambda: iter([(X, Y, np.full(12, 1e-300))]), epochs=1)
    assert not np.array_equal(model.structure.parameters, before)
