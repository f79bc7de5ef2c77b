from __future__ import annotations

import numpy as np
import pytest

from layerkit import Adam, CosineSimilarity, Dense, Sequential, Trainer
from layerkit.errors import DataError, ShapeError
from tests.reference.costs import CostBench, assert_as_in_pytorch_in_both_dtypes

RNG = np.random.default_rng(0)


def test_it_is_pytorchs() -> None:
    assert_as_in_pytorch_in_both_dtypes(CosineSimilarity(), "cosine_similarity")


def test_lengths_do_not_count() -> None:
    prediction, target = RNG.normal(size=(2, 6, 4))
    bench = CostBench(CosineSimilarity())
    costs = bench.forward(prediction, target)
    gradient = bench.backward(prediction, target)
    for scale in (1e-100, 1e-3, 1e100):
        np.testing.assert_allclose(bench.forward(scale * prediction, target / scale), costs, rtol=1e-12)
        np.testing.assert_allclose(scale * bench.backward(scale * prediction, target / scale), gradient, rtol=1e-9)


def test_one_way_costs_nothing_and_the_other_two() -> None:
    target = np.array([[3.0, 4.0], [3.0, 4.0], [3.0, 4.0]])
    bench = CostBench(CosineSimilarity())
    found = bench.forward(target * [[2.0], [-1.0], [0.0]], target)
    np.testing.assert_allclose(found, [0, 2, 1], atol=1e-15)
    np.testing.assert_array_equal(bench.backward(target * [[2.0], [-1.0], [0.0]], target)[2], 0)


def test_a_direction_is_learned() -> None:
    x = RNG.normal(size=(200, 3))
    y = x @ RNG.normal(size=(3, 2)) * RNG.uniform(0.1, 10, (200, 1))
    trainer = Trainer(Sequential([Dense(2)]), cost=CosineSimilarity(), optimizer=Adam(0.05), seed=0)
    assert trainer.fit((x, y), epochs=60)["cost"][-1] < 1e-3


def test_targets_without_a_direction_are_refused() -> None:
    y = RNG.normal(size=(10, 2))
    y[4] = 0
    trainer = Trainer(Sequential([Dense(2)]), cost=CosineSimilarity(), optimizer=Adam(), seed=0)
    with pytest.raises(DataError, match=r"CosineSimilarity: targets must be rows with a direction.*row 4, place 0"):
        trainer.fit((np.ones((10, 1)), y), epochs=1)
    with pytest.raises(ShapeError, match=r"CosineSimilarity: .*no direction but its sign"):
        CostBench(CosineSimilarity()).forward(np.ones((3, 1)), np.ones((3, 1)))
