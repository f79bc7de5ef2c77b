from __future__ import annotations

import numpy as np
import pytest

from layerkit import Sequential, Tanh
from tests.reference.layers import assert_as_in_pytorch


@pytest.mark.parametrize("shape", ["2d", "3d"])
def test_it_is_pytorchs(shape: str) -> None:
    assert_as_in_pytorch(Tanh(), f"tanh/{shape}")


def test_it_is_numpys() -> None:
    z = np.linspace(-30, 30, 101)[None]
    np.testing.assert_array_equal(Sequential([Tanh()]).initialize(101, dtype="float64").predict(z), np.tanh(z))


def test_its_slope_keeps_relative_precision_far_out() -> None:
    z = np.array([-300.0, -20.0, 0.0, 20.0, 300.0])
    np.testing.assert_allclose(Tanh().derivative(z), 1 / np.cosh(z) ** 2, rtol=1e-12)
