from __future__ import annotations

import numpy as np

from layerkit import Glorot
from tests.initializers.drawing import FAN_IN, FAN_OUT, assert_mean_and_spread, draw


def test_mean_and_spread() -> None:
    assert_mean_and_spread(Glorot(), 0.0, (2 / (FAN_IN + FAN_OUT)) ** 0.5)


def test_it_is_uniform() -> None:
    limit = (6 / (FAN_IN + FAN_OUT)) ** 0.5
    values = draw(Glorot())
    assert np.abs(values).max() <= limit
    counts, _ = np.histogram(values, bins=10, range=(-limit, limit))
    assert counts.min() > 5500


def test_the_fans_count_and_not_the_shape() -> None:
    values = Glorot().initialize((5000,), np.random.default_rng(0), np.dtype("float64"), 2, 4)
    assert 0.99 < np.abs(values).max() <= 1


def test_without_fans_the_spread_is_that_of_one() -> None:
    values = Glorot().initialize((5000,), np.random.default_rng(0), np.dtype("float64"), 0, 0)
    assert 2.4 < np.abs(values).max() <= 6**0.5
