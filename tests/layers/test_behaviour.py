"""What the built-in layers do, beyond their gradients."""

from __future__ import annotations

import numpy as np
import pytest

from layerkit import (
    BatchNormalization,
    Constant,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Rescale,
    Reshape,
    Residual,
    Sequential,
)
from layerkit.errors import ArgumentError
from layerkit.types import Array
from tests.reference.bench import Bench


def test_dropout_drops_at_its_rate_and_keeps_the_mean() -> None:
    bench = Bench(Dropout(0.3), (100,), dtype="float32")
    x = np.full((200, 100), 2.0, np.float32)
    y = bench.forward(x)
    dropped = (y == 0).mean()
    assert dropped == pytest.approx(0.3, abs=0.02)
    np.testing.assert_allclose(y[y != 0], 2 / 0.7, rtol=1e-6)
    assert y.mean() == pytest.approx(2.0, rel=0.03)
    assert not np.array_equal(bench.forward(x), y), "each pass draws anew"
    bench.renew()
    np.testing.assert_array_equal(bench.forward(x), y)


@pytest.mark.parametrize(("rate", "training"), [(0.5, False), (0.0, True)])
def test_dropout_that_does_nothing(rate: float, training: bool) -> None:
    bench = Bench(Dropout(rate), (3,), training=training)
    x = np.random.default_rng(0).normal(size=(4, 3))
    np.testing.assert_array_equal(bench.forward(x), x)
    np.testing.assert_array_equal(bench.backward(2 * x), 2 * x)


@pytest.mark.parametrize("rate", [-0.1, 1.0, 1.5, float("nan"), "0.5"])
def test_dropout_rates(rate: float) -> None:
    with pytest.raises(ArgumentError, match="Dropout: rate must be a finite number at least 0 and below 1"):
        Dropout(rate)


def test_batch_normalisation_gives_each_feature_mean_0_and_variance_1() -> None:
    x = np.random.default_rng(0).normal(5, 3, (50, 4, 2))
    y = Bench(BatchNormalization(epsilon=1e-12), (4, 2)).forward(x)
    np.testing.assert_allclose(y.mean(axis=(0, 1)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=(0, 1)), 1, rtol=1e-9)


def test_batch_normalisation_of_a_large_mean_keeps_its_precision() -> None:
    x = np.random.default_rng(0).normal(1e4, 1, (64, 3)).astype(np.float32)
    y = Bench(BatchNormalization(), (3,), dtype="float32").forward(x)
    exact = x.astype(np.float64)
    np.testing.assert_allclose(y, (exact - exact.mean(axis=0)) / exact.std(axis=0), atol=5e-3)


def test_dense_with_initializers_and_without_bias() -> None:
    dense = Dense(2, initializer=Constant(2.0), bias_initializer=Constant(1.0))
    model = Sequential([dense]).initialize(3)
    np.testing.assert_array_equal(model.predict(np.ones((1, 3))), [[7.0, 7.0]])
    plain = Sequential([Dense(2, initializer=Constant(2.0), use_bias=False)]).initialize(3)
    assert list(plain.parameters) == ["0.weight"]
    np.testing.assert_array_equal(plain.predict(np.ones((1, 3))), [[6.0, 6.0]])


@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 5, 3)])
def test_dense_acts_on_the_last_axis(shape: tuple[int, ...]) -> None:
    model = Sequential([Dense(2)]).initialize(shape, seed=0, dtype="float64")
    x = np.random.default_rng(0).normal(size=(4, *shape))
    assert model.output_shape == (*shape[:-1], 2)
    np.testing.assert_allclose(model.predict(x), x @ model.parameters["0.weight"], rtol=1e-12)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "bool", "float32"])
def test_shapes_change_and_values_stay(dtype: str) -> None:
    x = np.arange(24).reshape(2, 3, 4).astype(dtype)
    model = Sequential([Flatten(), Reshape([4, 3]), Reshape((12,)), Rescale(1.0)]).initialize((3, 4))
    np.testing.assert_array_equal(model.predict(x), x.reshape(2, 12))


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32", "float64"])
def test_rescale_gives_the_models_dtype(dtype: str) -> None:
    x = np.array([[0, 51, 255]]).astype(dtype)
    for wanted in ("float32", "float64"):
        y = Sequential([Rescale(offset=0.5)]).initialize(3, dtype=wanted).predict(x)
        assert y.dtype == wanted
        np.testing.assert_allclose(y, [[0.5, 0.7, 1.5]], rtol=1e-6)


def test_rescale_has_no_gradient_for_integers() -> None:
    bench = Bench(Rescale(), (3,), dtype="float32")
    bench.forward(np.array([[1, 2, 3]], np.uint8))
    assert bench.backward(np.ones((1, 3), np.float32)) is None


def test_a_residual_of_nothing_doubles() -> None:
    model = Sequential([Residual(Dropout(0.5))]).initialize(2)
    np.testing.assert_array_equal(model.predict(np.array([[1.0, 2.0]])), [[2.0, 4.0]])


@pytest.mark.parametrize(
    "layer", [Dense(2), Flatten(), Dropout(0.5), BatchNormalization(), Rescale(), Residual(Dense(3))], ids=repr
)
def test_an_empty_batch_at_inference(layer: Layer) -> None:
    model = Sequential([layer]).initialize(3, seed=0)
    found: Array = model.predict(np.zeros((0, 3)))
    assert found.shape == (0, *model.output_shape)
    assert found.dtype == np.float32
