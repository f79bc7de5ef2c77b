from __future__ import annotations

import math

import numpy as np
import pytest

from layerkit import GELU, Sequential
from tests.reference.activations import assert_as_in_pytorch


@pytest.mark.parametrize(("approximate", "name"), [(False, "gelu"), (True, "gelu_tanh")])
def test_it_is_pytorchs(approximate: bool, name: str) -> None:
    assert_as_in_pytorch(GELU(approximate=approximate), name)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_left_tail_keeps_its_digits(dtype: str) -> None:
    z = np.linspace(-12, 0, 121).astype(dtype)[None]
    found = Sequential([GELU()]).initialize(121, dtype=dtype).predict(z)
    expected = [each * math.erfc(-each / math.sqrt(2)) / 2 for each in z[0].tolist()]
    np.testing.assert_allclose(found[0], expected, rtol=2e-6 if dtype == "float32" else 3e-14)


def test_the_approximation_is_near() -> None:
    z = np.linspace(-10, 10, 2001)[None]
    exact, near = (Sequential([GELU(approximate=each)]).initialize(2001).predict(z) for each in (False, True))
    assert 1e-4 < np.abs(exact - near).max() < 5e-4


@pytest.mark.parametrize("approximate", [False, True])
def test_nothing_lies_below_what_is_declared(approximate: bool) -> None:
    activation = GELU(approximate=approximate)
    z = np.linspace(-0.8, -0.7, 10001)[None]
    found = Sequential([activation]).initialize(10001, dtype="float64").predict(z)
    assert activation.lowest <= found.min() < activation.lowest + 1e-9
