from __future__ import annotations

import numpy as np
import pytest

from layerkit import BatchNormalization, Constant, Dense, Dropout, Highway, Layer, Sequential
from layerkit.errors import ShapeError
from layerkit.testing import step
from tests.reference.gradients import assert_all_gradients


@pytest.mark.parametrize(
    "layer", [Dropout(0.4), Sequential([Dense(4), BatchNormalization()]), Highway(Dense(4))], ids=repr
)
def test_gradients_around_anything_that_keeps_the_shape(layer: Layer) -> None:
    assert_all_gradients(Highway(layer.copy()), (4,))


def test_a_closed_gate_lets_the_input_around() -> None:
    x = np.random.default_rng(0).normal(size=(3, 4))
    for bias, expected in ((-50.0, x), (50.0, np.zeros_like(x))):
        inner = Dense(4, initializer=Constant(0.0))
        highway = Highway(inner, initializer=Constant(0.0), bias_initializer=Constant(bias))
        found = Sequential([highway]).initialize(4, dtype="float64").predict(x)
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_what_is_frozen_inside_is_not_run_backward() -> None:
    inner = Dense(4)
    model = Sequential([Highway(inner)]).initialize(4, seed=0)
    inner.freeze()
    assert model.structure.trainable == 16 + 4
    found = step(model, np.ones((2, 4), "float32"), np.ones((2, 4), "float32"))
    assert found.gradients["0.weight"].any()


def test_a_layer_that_changes_the_shape_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"turns \(batch, 4\) into \(batch, 3\), which cannot be mixed with its input"):
        Sequential([Highway(Dense(3))]).initialize(4)
