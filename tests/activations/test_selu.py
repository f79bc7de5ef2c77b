from __future__ import annotations

import numpy as np

from layerkit import SELU, Dense, LeCun, Sequential
from tests.reference.activations import assert_as_in_pytorch


def test_it_is_pytorchs() -> None:
    assert_as_in_pytorch(SELU(), "selu")


def test_mean_0_and_variance_1_are_kept_from_layer_to_layer() -> None:
    layers = [Dense(200, initializer=LeCun(), activation=SELU()) for _ in range(20)]
    x = np.random.default_rng(0).normal(size=(500, 200))
    y = Sequential(layers).initialize(200, seed=0).predict(x)
    assert abs(y.mean()) < 0.1
    assert abs(y.var() - 1) < 0.2
