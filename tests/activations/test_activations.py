"""What holds for every activation."""

from __future__ import annotations

import numpy as np
import pytest

from layerkit import (
    CELU,
    ELU,
    GELU,
    SELU,
    Activation,
    Dense,
    Exponential,
    HardSigmoid,
    HardSwish,
    HardTanh,
    Identity,
    LeakyReLU,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    Sequential,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Softsign,
    Tanh,
)
from tests.reference.bench import Bench
from tests.reference.differences import assert_gradient, differences
from tests.reference.gradients import assert_all_gradients

BOUNDED_SLOPE: list[Activation] = [
    *(Identity(), Sigmoid(), Tanh(), ReLU(), LeakyReLU(0.2), ReLU6(), ELU(), ELU(0.5), CELU(0.5), SELU(), GELU()),
    *(GELU(approximate=True), SiLU(), Mish(), Softplus(), Softsign(), HardSigmoid(), HardSwish(), HardTanh()),
]
ELEMENTWISE: list[Activation] = [*BOUNDED_SLOPE, Exponential()]
ALL: list[Activation] = [*ELEMENTWISE, PReLU(), PReLU(shared=True), Softmax(), LogSoftmax()]


@pytest.mark.parametrize("activation", BOUNDED_SLOPE, ids=repr)
def test_derivative_is_the_slope(activation: Activation) -> None:
    model = Sequential([activation.copy()]).initialize(1, dtype="float64")
    # the slopes of two bend at 0 without a jump
    special = (0.0,) if isinstance(activation, (CELU, Softsign)) else activation.kinks
    z = np.array([place for place in (-20.0, -1.0, -1e-3, 1e-3, 1.0, 20.0, 0.0) if place not in special])[:, None]
    expected = differences(lambda: float(model.predict(z).sum()), z)
    # each value by itself: far out the slope is tiny, and must be right there too
    for place in range(len(z)):
        found = activation.derivative(z[place : place + 1])
        np.testing.assert_allclose(found, expected[place : place + 1], rtol=1e-6, atol=1e-11)


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=repr)
def test_derivative_is_what_backward_multiplies_by(activation: Activation) -> None:
    z = np.random.default_rng(0).normal(size=(4, 3))
    grad = np.random.default_rng(1).normal(size=(4, 3))
    bench = Bench(activation.copy(), (3,))
    bench.forward(z)
    assert_gradient(bench.backward(grad), activation.derivative(z) * grad)


@pytest.mark.parametrize("shape", [(4,), (2, 3)])
@pytest.mark.parametrize("activation", ALL, ids=repr)
def test_gradients(activation: Activation, shape: tuple[int, ...]) -> None:
    assert_all_gradients(activation, shape)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", [each for each in ALL if not isinstance(each, Exponential)], ids=repr)
def test_far_out_all_stays_finite_and_in_range(activation: Activation, dtype: str) -> None:
    z = np.array([[-1e4, -90.0, 0.0, 90.0, 1e4]], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        built = activation.copy()
        y = Sequential([built]).initialize(5, dtype=dtype).predict(z)
        if activation.elementwise:
            assert np.isfinite(built.derivative(z)).all()
    assert y.dtype == dtype
    assert np.isfinite(y).all()
    assert y.min() >= activation.lowest
    assert y.max() <= activation.highest


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", BOUNDED_SLOPE, ids=repr)
def test_at_the_largest_numbers_there_are_it_is_in_range_too(activation: Activation, dtype: str) -> None:
    largest = float(np.finfo(dtype).max) / 4
    z = np.array([[-largest, largest, -1e30, 1e30]], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        y = Sequential([activation.copy()]).initialize(4, dtype=dtype).predict(z)
        slope = activation.derivative(z)
    assert activation.lowest <= y.min()
    assert y.max() <= activation.highest
    assert (slope >= -1e-30).all()
    assert (slope <= 1.1).all()


@pytest.mark.parametrize("activation", ALL, ids=repr)
def test_an_activation_is_a_layer_or_a_part_of_one(activation: Activation) -> None:
    x = np.random.default_rng(0).normal(size=(3, 4))
    inside = Sequential([Dense(2, activation=activation.copy())]).initialize(4, seed=1, dtype="float64")
    outside = Sequential([Dense(2), activation.copy()]).initialize(4, seed=1, dtype="float64")
    np.testing.assert_array_equal(inside.predict(x), outside.predict(x))


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=repr)
def test_the_derivative_at_integers_is_that_at_the_same_numbers(activation: Activation) -> None:
    z = np.arange(-4, 5)
    np.testing.assert_array_equal(activation.derivative(z), activation.derivative(z.astype(float)))
