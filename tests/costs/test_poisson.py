from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Adam, Batch, Dense, Exponential, Poisson, Sequential, Trainer
from layerkit.errors import ArgumentError, DataError, NonFiniteError
from tests.reference.costs import assert_as_in_pytorch_in_both_dtypes

RNG = np.random.default_rng(0)
X = RNG.normal(size=(500, 1))
Y = RNG.poisson(np.exp(0.5 + 0.8 * X[:, 0]))


def test_it_is_pytorchs() -> None:
    assert_as_in_pytorch_in_both_dtypes(Poisson(), "poisson")


def new_trainer(rate: float = 0.05, **options: Any) -> Trainer:
    return Trainer(Sequential([Dense(1)]), cost=Poisson(), optimizer=Adam(rate), seed=0, **options)


def test_predictions_are_expected_counts() -> None:
    trainer = new_trainer()
    trainer.fit((X, Y), epochs=50)
    assert isinstance(trainer.model.readout, Exponential)
    found = trainer.model.predict(np.array([[-1.0], [0.0], [1.0]]))[:, 0]
    np.testing.assert_allclose(found, np.exp([-0.3, 0.5, 1.3]), rtol=0.15)


@pytest.mark.parametrize("stream", [False, True])
def test_negative_counts_are_refused_before_the_first_step(stream: bool) -> None:
    y = np.where(np.arange(500) == 7, -1, Y)
    told = r"Poisson: targets must be counts or rates, at least 0, but row 7 holds -1: .*Quadratic"
    trainer = new_trainer()
    trainer.model.initialize(1, seed=0)
    with pytest.raises(DataError, match=told):
        trainer.fit([Batch(X, y)] if stream else (X, y), epochs=1)


def test_targets_are_not_standardised() -> None:
    with pytest.raises(ArgumentError, match="standardize_targets is for targets that are numbers, and Poisson"):
        new_trainer(standardize_targets=True)


def test_rates_beyond_all_numbers_end_training_with_an_error() -> None:
    with pytest.raises(NonFiniteError, match="cost"):
        new_trainer(silence=("all",)).fit((1e5 * X, Y), epochs=1)
