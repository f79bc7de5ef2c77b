from __future__ import annotations

import numpy as np

from layerkit import CELU, ELU, Sequential
from tests.reference.activations import assert_as_in_pytorch


def test_it_is_pytorchs() -> None:
    assert_as_in_pytorch(CELU(0.5), "celu")


def test_its_slope_has_no_jump_at_0() -> None:
    assert CELU(0.5).lowest == -0.5
    np.testing.assert_allclose(CELU(0.5).derivative(np.array([-1e-9, 0.0, 1e-9])), 1, rtol=3e-9)


def test_with_1_it_is_elu() -> None:
    z = np.linspace(-5, 5, 101)[None]
    found, elu = (Sequential([each]).initialize(101).predict(z) for each in (CELU(), ELU()))
    np.testing.assert_array_equal(found, elu)
