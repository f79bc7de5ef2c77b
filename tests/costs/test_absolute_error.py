from __future__ import annotations

import numpy as np

from layerkit import AbsoluteError, Adam, Dense, Sequential, Trainer
from tests.reference.costs import CostBench, assert_as_in_pytorch_in_both_dtypes


def test_it_is_pytorchs() -> None:
    assert_as_in_pytorch_in_both_dtypes(AbsoluteError(), "absolute_error")


def test_where_both_are_equal_there_is_no_gradient() -> None:
    bench = CostBench(AbsoluteError())
    prediction, target = np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 3.0, 1.0]])
    assert bench.forward(prediction, target)[0] == 3
    np.testing.assert_array_equal(bench.backward(prediction, target), [[0, -1, 1]])


def test_the_best_constant_is_the_median() -> None:
    x, y = np.zeros((5, 1)), np.array([0.0, 1.0, 2.0, 50.0, 100.0])
    model = Sequential([Dense(1)]).initialize(1, seed=0)
    Trainer(model, cost=AbsoluteError(), optimizer=Adam(0.02), seed=0).fit((x, y), epochs=300)
    np.testing.assert_allclose(model.predict(x[:1]), 2, atol=0.1)
