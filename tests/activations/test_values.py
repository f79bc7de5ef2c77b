"""Values and derivatives of the activations: where they are large, tiny, or far out."""

from __future__ import annotations

import numpy as np
import pytest

from layerkit import Activation, Dense, Identity, ReLU, Sequential, Sigmoid, Softmax, Tanh
from layerkit.types import Array
from tests.reference.bench import Bench
from tests.reference.differences import assert_gradient, differences

ELEMENTWISE: list[Activation] = [Identity(), Sigmoid(), Tanh(), ReLU()]


def apply(activation: Activation, z: Array) -> Array:
    return Sequential([activation.copy()]).initialize(z.shape[1:], dtype=z.dtype).predict(z)


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=repr)
def test_derivative_is_the_slope(activation: Activation) -> None:
    z = np.array([[-20.0, -1.0, -1e-3, 1e-3, 1.0, 20.0] + ([] if activation.kinks else [0.0])])
    expected = differences(lambda: float(apply(activation, z).sum()), z)
    # each value by itself: far out the slope is tiny, and must be right there too
    for place in range(z.shape[1]):
        found = activation.derivative(z[:, place : place + 1])
        np.testing.assert_allclose(found, expected[:, place : place + 1], rtol=1e-6, atol=1e-11)


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=repr)
def test_derivative_is_what_backward_multiplies_by(activation: Activation) -> None:
    z = np.random.default_rng(0).normal(size=(4, 3))
    grad = np.random.default_rng(1).normal(size=(4, 3))
    bench = Bench(activation.copy(), (3,))
    bench.forward(z)
    assert_gradient(bench.backward(grad), activation.derivative(z) * grad)


def test_relu_at_its_kink() -> None:
    assert ReLU().derivative(np.zeros(1))[0] == 0
    bench = Bench(ReLU(), (2,))
    bench.forward(np.zeros((1, 2)))
    np.testing.assert_array_equal(bench.backward(np.ones((1, 2))), 0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", [*ELEMENTWISE, Softmax()], ids=repr)
def test_far_out_all_stays_finite_and_in_range(activation: Activation, dtype: str) -> None:
    z = np.array([[-1e4, -90.0, 0.0, 90.0, 1e4]], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        y = apply(activation, z)
        if activation.elementwise:
            assert np.isfinite(activation.derivative(z)).all()
    assert y.dtype == dtype
    assert np.isfinite(y).all()
    assert y.min() >= activation.lowest
    assert y.max() <= activation.highest


def test_sigmoid_in_float64_keeps_relative_precision() -> None:
    z = np.linspace(-700, 30, 200)[None]
    np.testing.assert_allclose(apply(Sigmoid(), z), np.exp(z) / (1 + np.exp(z)), rtol=2e-15)


def test_softmax_sums_to_one_over_the_last_axis_and_ignores_a_shift() -> None:
    z = np.random.default_rng(0).normal(size=(3, 2, 4))
    y = apply(Softmax(), z)
    np.testing.assert_allclose(y.sum(axis=-1), 1, rtol=1e-14)
    np.testing.assert_allclose(apply(Softmax(), z + 1000), y, rtol=1e-12)


def test_an_activation_is_a_layer_or_a_part_of_one() -> None:
    x = np.random.default_rng(0).normal(size=(3, 4))
    inside = Sequential([Dense(2, activation=Sigmoid())]).initialize(4, seed=1, dtype="float64")
    outside = Sequential([Dense(2), Sigmoid()]).initialize(4, seed=1, dtype="float64")
    np.testing.assert_array_equal(inside.predict(x), outside.predict(x))


def test_derivative_of_an_activation_that_is_not_elementwise() -> None:
    with pytest.raises(NotImplementedError, match="Softmax is not elementwise"):
        Softmax().derivative(np.zeros(2))
