from __future__ import annotations

import numpy as np
import pytest

from layerkit import Sequential, SiLU
from tests.reference.activations import assert_as_in_pytorch


def test_it_is_pytorchs() -> None:
    assert_as_in_pytorch(SiLU(), "silu")


def test_nothing_lies_below_what_is_declared() -> None:
    z = np.linspace(-1.28, -1.27, 10001)[None]
    found = Sequential([SiLU()]).initialize(10001, dtype="float64").predict(z)
    assert SiLU.lowest <= found.min() < SiLU.lowest + 1e-9


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_left_tail_keeps_its_digits(dtype: str) -> None:
    z = np.linspace(-80, -20, 61).astype(dtype)[None]
    found = Sequential([SiLU()]).initialize(61, dtype=dtype).predict(z)
    np.testing.assert_allclose(found, z * np.exp(z.astype(float)), rtol=1e-6 if dtype == "float32" else 2e-8)
