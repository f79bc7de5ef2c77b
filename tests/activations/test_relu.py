from __future__ import annotations

import numpy as np
import pytest

from layerkit import ReLU, Sequential
from tests.reference.bench import Bench
from tests.reference.layers import assert_as_in_pytorch


@pytest.mark.parametrize("shape", ["2d", "3d"])
def test_it_is_pytorchs(shape: str) -> None:
    assert_as_in_pytorch(ReLU(), f"relu/{shape}")


def test_what_is_negative_becomes_zero() -> None:
    x = np.array([[-3.0, -0.0, 0.0, 0.5, 7.0]])
    found = Sequential([ReLU()]).initialize(5, dtype="float64").predict(x)
    np.testing.assert_array_equal(found, [[0.0, 0.0, 0.0, 0.5, 7.0]])
    np.testing.assert_array_equal(ReLU().derivative(x), [[0.0, 0.0, 0.0, 1.0, 1.0]])


def test_at_its_kink_the_slope_is_zero() -> None:
    assert ReLU.kinks == (0.0,)
    assert ReLU().derivative(np.zeros(1))[0] == 0
    bench = Bench(ReLU(), (2,))
    bench.forward(np.zeros((1, 2)))
    np.testing.assert_array_equal(bench.backward(np.ones((1, 2))), 0)
