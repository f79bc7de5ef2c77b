from __future__ import annotations

import numpy as np
import pytest

from layerkit import Sequential, Sigmoid
from tests.reference.layers import assert_as_in_pytorch


@pytest.mark.parametrize("shape", ["2d", "3d"])
def test_it_is_pytorchs(shape: str) -> None:
    assert_as_in_pytorch(Sigmoid(), f"sigmoid/{shape}")


def test_in_float64_it_keeps_relative_precision() -> None:
    z = np.linspace(-700, 30, 200)[None]
    found = Sequential([Sigmoid()]).initialize(200, dtype="float64").predict(z)
    np.testing.assert_allclose(found, np.exp(z) / (1 + np.exp(z)), rtol=2e-15)


def test_in_float32_it_is_exact_to_single_precision() -> None:
    z = np.linspace(-30, 30, 201)[None]
    found = Sequential([Sigmoid()]).initialize(201).predict(z)
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-z)), rtol=0, atol=1.2e-7)


def test_its_slope_keeps_relative_precision_far_out() -> None:
    z = np.array([-600.0, -40.0, 0.0, 40.0, 600.0])
    np.testing.assert_allclose(Sigmoid().derivative(z), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))) ** 2, rtol=1e-14)
    assert Sigmoid().derivative(z)[2] == 0.25
