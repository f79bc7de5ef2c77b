from __future__ import annotations

import numpy as np
import pytest

from layerkit import Dense, GradientDescent, L1Penalty, Quadratic, Sequential, Trainer
from layerkit.errors import ArgumentError
from tests.reference.updates import WEIGHT_AND_BIAS, new_context


def test_weights_are_pulled_by_their_sign_and_biases_are_not() -> None:
    parameters, gradient = np.linspace(-7, 7, 15), np.zeros(15)
    L1Penalty(0.5).before(parameters, gradient, new_context(WEIGHT_AND_BIAS))
    np.testing.assert_array_equal(gradient[:12], 0.5 * np.sign(parameters[:12]))
    np.testing.assert_array_equal(gradient[12:], 0.0)


def test_weights_of_what_says_nothing_go_to_zero() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 5))
    model = Sequential([Dense(1)]).initialize(5, seed=0, dtype="float64")
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.05), transforms=[L1Penalty(0.05)], seed=0)
    trainer.fit((x, 2 * x[:, :1]), epochs=60, batch_size=400)
    weight = model.structure.parameters[:5]
    assert weight[0] > 1.5
    assert np.abs(weight[1:]).max() < 0.02


@pytest.mark.parametrize("argument", [{"rate": -1}, {"rate": 1, "except_tags": "bias"}])
def test_arguments_out_of_range(argument: dict[str, object]) -> None:
    with pytest.raises(ArgumentError, match=f"L1Penalty: {list(argument)[-1]}"):
        L1Penalty(**argument)  # type: ignore[arg-type]
