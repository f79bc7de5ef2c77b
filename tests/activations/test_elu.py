from __future__ import annotations

import math

import numpy as np
import pytest

from layerkit import ELU, Sequential
from tests.reference.activations import assert_as_in_pytorch


@pytest.mark.parametrize(("alpha", "name"), [(1.0, "elu"), (0.5, "elu_half")])
def test_it_is_pytorchs(alpha: float, name: str) -> None:
    assert_as_in_pytorch(ELU(alpha), name)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_near_0_and_far_out_it_keeps_its_digits(dtype: str) -> None:
    z = -np.geomspace(1e-20, 50, 100).astype(dtype)[None]
    found = Sequential([ELU()]).initialize(100, dtype=dtype).predict(z)
    rounding = 6 * float(np.finfo(dtype).eps)
    np.testing.assert_allclose(found[0], [math.expm1(each) for each in z[0].tolist()], rtol=rounding)
    np.testing.assert_allclose(ELU().derivative(z)[0], [math.exp(each) for each in z[0].tolist()], rtol=rounding)


def test_alpha_is_how_far_below_0_it_goes() -> None:
    assert (ELU().lowest, ELU(2.5).lowest) == (-1.0, -2.5)
    np.testing.assert_array_equal(ELU(2.5).derivative(np.array([-1e-300, 0.0, 1e-300])), [2.5, 2.5, 1.0])
