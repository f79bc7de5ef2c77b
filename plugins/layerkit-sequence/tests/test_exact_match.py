"""ExactMatch of networks with one output a step: a probability is thresholded, and what is none is refused."""

from __future__ import annotations

import numpy as np
import pytest
from layerkit_sequence import ExactMatch

from layerkit import Dense, GradientDescent, Quadratic, Sequential, Sigmoid, Trainer
from layerkit.errors import DataError

X = np.linspace(-1, 1, 24).reshape(4, 6, 1)


def trainer(*layers: object) -> Trainer:
    model = Sequential([Dense(1, activation=layer) if layer else Dense(1) for layer in layers])  # type: ignore[arg-type]
    model.initialize((6, 1), seed=0)
    return Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), metrics=[ExactMatch()], seed=0)


def test_a_single_output_a_step_is_thresholded() -> None:
    trained = trainer(Sigmoid())
    right = (trained.model.predict(X) > 0.5).astype(float)
    half = right.copy()
    half[:2, 0] = 1 - half[:2, 0]
    assert trained.evaluate((X, right))["exact_match"] == 1.0
    assert trained.evaluate((X, half))["exact_match"] == 0.5


def test_a_single_output_that_is_no_probability_is_refused_before_the_first_step() -> None:
    data = X, np.ones((4, 6, 1))
    with pytest.raises(DataError, match="ExactMatch: a single output must be a probability"):
        trainer(None).fit(data, epochs=1, validation=data)
