from __future__ import annotations

import numpy as np
import pytest

from layerkit import Sequential, Softmax
from layerkit.types import Array
from tests.reference.layers import assert_as_in_pytorch


def apply(z: Array) -> Array:
    return Sequential([Softmax()]).initialize(z.shape[1:], dtype="float64").predict(z)


@pytest.mark.parametrize("shape", ["2d", "3d"])
def test_it_is_pytorchs(shape: str) -> None:
    assert_as_in_pytorch(Softmax(), f"softmax/{shape}")


def test_it_sums_to_one_over_the_last_axis_and_ignores_a_shift() -> None:
    z = np.random.default_rng(0).normal(size=(3, 2, 4))
    y = apply(z)
    np.testing.assert_allclose(y.sum(axis=-1), 1, rtol=1e-14)
    np.testing.assert_allclose(apply(z + 1000), y, rtol=1e-12)


def test_odds_are_powers_of_e() -> None:
    np.testing.assert_allclose(apply(np.log([[1.0, 2.0, 5.0]])), [[0.125, 0.25, 0.625]], rtol=1e-14)


def test_it_has_no_derivative_of_its_own_for_each_place() -> None:
    with pytest.raises(NotImplementedError, match="Softmax is not elementwise"):
        Softmax().derivative(np.zeros(2))
