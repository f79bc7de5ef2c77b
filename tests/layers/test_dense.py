from __future__ import annotations

from typing import Any, final

import numpy as np
import pytest

from layerkit import (
    Activation,
    Constant,
    Dense,
    GradientDescent,
    Identity,
    Initializer,
    Layer,
    Quadratic,
    ReLU,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
    Trainer,
    WeightDecay,
)
from layerkit.errors import ShapeError
from layerkit.types import Array, DType, Shape
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


@final
class Fans(Initializer):
    """Numbers that tell the fans."""

    def initialize(self, shape: Any, rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int) -> Array:
        return np.full(shape, 100 * fan_in + fan_out, dtype)


def test_weight_and_bias_are_drawn_for_the_layers_inputs_and_outputs() -> None:
    model = Sequential([Dense(2, initializer=Fans(), bias_initializer=Fans())]).initialize((5, 3))
    for values in model.parameters.values():
        np.testing.assert_array_equal(values, 302)


def test_weights_decay_and_the_bias_does_not() -> None:
    model = Sequential([Dense(1, initializer=Constant(1.0), bias_initializer=Constant(1.0))])
    decay = WeightDecay(0.5)
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), transforms=[decay], seed=0)
    # the gradient is zero: the output is the target already
    trainer.fit((np.zeros((4, 2)), np.ones((4, 1))), epochs=1, batch_size=4)
    np.testing.assert_allclose(model.parameters["0.weight"], 0.95)
    np.testing.assert_array_equal(model.parameters["0.bias"], 1)


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
