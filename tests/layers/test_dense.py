from __future__ import annotations

import numpy as np
import pytest

from layerkit import Activation, Constant, Dense, Identity, Layer, ReLU, Sequential, Sigmoid, Softmax, Tanh
from layerkit.errors import ShapeError
from layerkit.types import Shape
from tests.reference.gradients import assert_all_gradients
from tests.reference.layers import assert_as_in_pytorch


@pytest.mark.parametrize("shape", ["2d", "3d"])
def test_it_is_pytorchs(shape: str) -> None:
    assert_as_in_pytorch(Dense(3), f"dense/{shape}")


@pytest.mark.parametrize(
    ("layer", "shape"), [(Dense(3), (4,)), (Dense(3), (2, 4)), (Dense(3, use_bias=False), (4,))], ids=repr
)
def test_gradients(layer: Layer, shape: tuple[int, ...]) -> None:
    assert_all_gradients(layer, shape)


@pytest.mark.parametrize("activation", [Identity(), Sigmoid(), Tanh(), ReLU(), Softmax()], ids=repr)
def test_gradients_through_an_activation(activation: Activation) -> None:
    assert_all_gradients(Dense(3, activation=activation), (4,))


def test_initializers_are_those_that_are_given() -> None:
    dense = Dense(2, initializer=Constant(2.0), bias_initializer=Constant(1.0))
    model = Sequential([dense]).initialize(3)
    np.testing.assert_array_equal(model.predict(np.ones((1, 3))), [[7.0, 7.0]])


def test_without_bias_there_is_a_weight_alone() -> None:
    plain = Sequential([Dense(2, initializer=Constant(2.0), use_bias=False)]).initialize(3)
    assert list(plain.parameters) == ["0.weight"]
    np.testing.assert_array_equal(plain.predict(np.ones((1, 3))), [[6.0, 6.0]])


@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 5, 3)])
def test_it_acts_on_the_last_axis(shape: tuple[int, ...]) -> None:
    model = Sequential([Dense(2)]).initialize(shape, seed=0, dtype="float64")
    x = np.random.default_rng(0).normal(size=(4, *shape))
    assert model.output_shape == (*shape[:-1], 2)
    np.testing.assert_allclose(model.predict(x), x @ model.parameters["0.weight"], rtol=1e-12)


@pytest.mark.parametrize(("shape", "told"), [((), r"\(batch\)"), ((3, None), r"\(batch, 3, any\)")])
def test_a_last_axis_of_unknown_length_is_refused(shape: Shape, told: str) -> None:
    with pytest.raises(ShapeError, match=rf"Dense\).*must have a known length, got inputs of {told}"):
        Sequential([Dense(2)]).initialize(shape)
