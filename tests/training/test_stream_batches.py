"""Each batch of a stream is looked at as it comes."""

from __future__ import annotations

import numpy as np
import pytest

from layerkit import Batch, CrossEntropy, Dense, GradientDescent, Quadratic, Sequential, Trainer
from layerkit.errors import DataError
from layerkit.types import Array

X, Y = np.ones((4, 3)), np.ones((4, 2))


def fit(batch: Batch) -> None:
    model = Sequential([Dense(2)]).initialize(3, seed=0)
    Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0).fit([batch], epochs=1)


@pytest.mark.parametrize(
    ("batch", "told"),
    [
        (Batch(X, Y[:3]), r"4 rows of x, but y of shape \(3, 2\)"),
        (Batch(X, Y, weights=np.ones(3)), r"4 rows of x, but weights of shape \(3,\)"),
        (Batch(X, Y, mask=np.ones((5, 3), bool)), r"4 rows of x, but mask of shape \(5, 3\)"),
        (Batch(X), "a batch came without"),
        (Batch(X, Y, weights=np.array([1, 1, 1, -0.5])), "sample weights must be finite and at least 0"),
        (Batch(X, Y, weights=np.array([1, 1, 1, np.nan])), "sample weights must be finite and at least 0"),
        (Batch(X, Y, weights=np.ones((4, 1))), r"sample weights must be a vector of numbers, got shape \(4, 1\)"),
    ],
)
def test_what_does_not_fit_is_refused(batch: Batch, told: str) -> None:
    with pytest.raises(DataError, match=told):
        fit(batch)


def test_weights_of_zero_are_allowed() -> None:
    fit(Batch(X, Y, weights=np.array([1.0, 1.0, 0.0, 1.0])))


def test_weights_in_memory_are_checked_alike() -> None:
    trainer = Trainer(Sequential([Dense(2)]), cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    with pytest.raises(DataError, match="sample weights must be finite and at least 0"):
        trainer.fit((X, Y, np.array([1, 1, 1, -0.5])), epochs=1)


def test_a_finite_gradient_whose_square_overflows_is_no_false_alarm() -> None:
    rng = np.random.default_rng(0)
    x: Array = 1e25 * rng.normal(size=(8, 3))
    model = Sequential([Dense(2)]).initialize(3, seed=0)
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(1e-30), seed=0)
    history = trainer.fit([(x, rng.integers(0, 2, 8))] * 3, epochs=1)
    assert np.isfinite(history["cost"]).all()


def test_the_row_that_is_not_finite_is_named_also_far_behind_in_large_data() -> None:
    x = np.zeros((5, 2**19), np.float32)
    x[4, 7] = np.nan
    trainer = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    with pytest.raises(DataError, match="x must be finite, but row 4 holds NaN"):
        trainer.fit((x, np.zeros((5, 1))), epochs=1)
