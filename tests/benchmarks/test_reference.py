"""The benchmark's reference is right, and tells results apart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.cases import CASES, Case
from benchmarks.data import Array
from benchmarks.reference import CostName, Parameters, deviation, initial_parameters, learning_rate, sigmoid, train

CASE = Case((4, 3, 2), batch_size=5, learning_rate=0.5)
X = np.random.default_rng(0).random((20, 4), np.float32)
Y = np.eye(2, dtype=np.float32)[np.arange(20) % 2]
ROWS = np.arange(5).reshape(1, 5)


def quadratic(output: Array, target: Array) -> float:
    return float(0.5 * ((output - target) ** 2).sum())


def cross_entropy(output: Array, target: Array) -> float:
    return float(-np.where(target > 0, np.log(output), np.log1p(-output)).sum())


@pytest.mark.parametrize(("name", "cost"), [("quadratic", quadratic), ("cross-entropy", cross_entropy)])
def test_a_step_follows_the_central_differences(name: CostName, cost: Callable[[Array, Array], float]) -> None:
    start = [(weights.astype(float), biases.astype(float)) for weights, biases in initial_parameters(CASE)]

    def total() -> float:
        outputs = X[:5].astype(float)
        for weights, biases in start:
            outputs = sigmoid(outputs @ weights + biases)
        return cost(outputs, Y[:5])

    found, after = train(CASE, X, Y, ROWS, name)
    assert found == pytest.approx(total())
    for before, moved in zip(start, after, strict=True):
        for values, results in zip(before, moved, strict=True):
            for place in np.ndindex(values.shape):
                kept, costs = values[place], []
                for change in (1e-6, -1e-6):
                    values[place] = kept + change
                    costs.append(total())
                values[place] = kept
                slope = (costs[0] - costs[1]) / 2e-6 / 5
                assert results[place] == pytest.approx(kept - learning_rate(CASE, name) * slope, abs=1e-8)


def moved(parameters: Parameters, change: float) -> Parameters:
    return [(weights + change, biases) for weights, biases in parameters]


def test_the_deviation_is_relative_to_the_movement() -> None:
    _, after = train(CASE, X, Y, ROWS, "quadratic")
    assert deviation(CASE, after, after) == 0
    furthest = min(float(np.abs(b[0] - a[0]).max()) for a, b in zip(initial_parameters(CASE), after, strict=True))
    assert deviation(CASE, moved(after, 0.01 * furthest), after) == pytest.approx(0.01)


def test_parameters_start_the_same_everywhere_and_within_glorot_s_limit() -> None:
    for (weights, biases), (again, _) in zip(initial_parameters(CASE), initial_parameters(CASE), strict=True):
        assert np.array_equal(weights, again)
        assert weights.dtype == np.float32
        assert 0 < np.abs(weights).max() <= np.sqrt(6 / sum(weights.shape))
        assert not biases.any()


def test_the_multiplications_of_a_step_are_counted() -> None:
    assert CASES[0].multiplications == 10 * (2 * 784 * 30 + 3 * 30 * 10)
