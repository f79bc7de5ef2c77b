"""The layers that draw in training: Gaussian noise and dropout, spatial and alpha dropout."""

from __future__ import annotations

import numpy as np
import pytest

from layerkit import AlphaDropout, GaussianDropout, GaussianNoise, Layer, SpatialDropout
from layerkit.errors import ArgumentError
from layerkit.types import Array
from tests.reference.bench import Bench
from tests.reference.gradients import assert_all_gradients

LAYERS = [GaussianNoise(0.3), GaussianDropout(0.3), SpatialDropout(0.3), AlphaDropout(0.3)]


@pytest.mark.parametrize("shape", [(6,), (2, 3), (2, 2, 3)])
@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_gradients(layer: Layer, shape: tuple[int, ...]) -> None:
    assert_all_gradients(layer.copy(), shape)


@pytest.mark.parametrize("layer", [*LAYERS, GaussianNoise(0), GaussianDropout(0), SpatialDropout(0), AlphaDropout(0)])
def test_where_it_does_nothing(layer: Layer) -> None:
    at_zero = 0 in layer.config.values()
    bench = Bench(layer.copy(), (2, 3), training=at_zero)
    x = np.random.default_rng(0).normal(size=(4, 2, 3))
    np.testing.assert_array_equal(bench.forward(x), x)
    np.testing.assert_array_equal(bench.backward(2 * x), 2 * x)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_each_pass_draws_anew_and_a_seed_draws_the_same(layer: Layer, dtype: str) -> None:
    bench = Bench(layer.copy(), (50, 6), dtype=dtype)
    x = np.ones((20, 50, 6), dtype)
    first = bench.forward(x)
    assert first.dtype == dtype
    assert not np.array_equal(bench.forward(x), first)
    bench.renew()
    np.testing.assert_array_equal(bench.forward(x), first)


def drawn(layer: Layer, x: Array) -> Array:
    found: Array = Bench(layer, x.shape[1:]).forward(x)
    return found


def test_noise_has_the_deviation_that_was_asked_for() -> None:
    x = np.random.default_rng(0).normal(size=(200, 100))
    noise = drawn(GaussianNoise(0.3), x) - x
    assert noise.mean() == pytest.approx(0, abs=0.01)
    assert noise.std() == pytest.approx(0.3, rel=0.02)


def test_gaussian_factors_have_dropouts_mean_and_variance() -> None:
    factor = drawn(GaussianDropout(0.2), np.ones((200, 100)))
    assert factor.mean() == pytest.approx(1, abs=0.02)
    assert factor.var() == pytest.approx(0.2 / 0.8, rel=0.05)


def test_a_feature_is_dropped_at_all_places_of_an_example() -> None:
    y = drawn(SpatialDropout(0.3), np.ones((300, 4, 5, 6)))
    assert (y == y[:, :1, :1]).all()
    factors = y[:, 0, 0]
    assert (factors == 0).mean() == pytest.approx(0.3, abs=0.03)
    np.testing.assert_allclose(factors[factors != 0], 1 / 0.7)


def test_alpha_dropout_keeps_mean_0_and_variance_1() -> None:
    x = np.random.default_rng(0).normal(size=(400, 200))
    for rate in (0.1, 0.5):
        y = drawn(AlphaDropout(rate), x)
        assert y.mean() == pytest.approx(0, abs=0.02)
        assert y.var() == pytest.approx(1, rel=0.03)
        # what is dropped stands at one value: a α′ + b
        stretch = ((1 - rate) * (1 + rate * 1.7580993408473766**2)) ** -0.5
        lowest = -1.7580993408473766 * stretch * (1 - rate)
        assert np.isclose(y, lowest).mean() == pytest.approx(rate, abs=0.02)


@pytest.mark.parametrize("rate", [-0.1, 1.0, float("nan"), "0.5"])
@pytest.mark.parametrize("kind", [GaussianDropout, SpatialDropout, AlphaDropout])
def test_rates_out_of_range(kind: type[GaussianDropout], rate: float) -> None:
    with pytest.raises(ArgumentError, match=f"{kind.__name__}: rate must be a finite number at least 0 and below 1"):
        kind(rate)


def test_a_deviation_below_0_is_refused() -> None:
    with pytest.raises(ArgumentError, match="GaussianNoise: deviation must be a finite number at least 0"):
        GaussianNoise(-0.1)
