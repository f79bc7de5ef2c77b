from __future__ import annotations

import numpy as np
import pytest

from layerkit import Adam, Constant, Dense, Exponential, Quadratic, Sequential, Trainer
from layerkit.errors import NonFiniteError
from tests.reference.activations import assert_as_in_pytorch


def test_it_is_pytorchs() -> None:
    assert_as_in_pytorch(Exponential(), "exponential")


def test_what_is_too_large_stops_training_by_the_layer_s_name() -> None:
    x = np.full((10, 1), 100.0)
    model = Sequential([Dense(1, initializer=Constant(1.0)), Exponential()])
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(), silence=("all",), seed=0)
    with pytest.raises(NonFiniteError, match="Exponential"):
        trainer.fit((x, x), epochs=1)
