from __future__ import annotations

import math

import numpy as np
import pytest

from layerkit import Sequential, Softplus
from tests.reference.activations import assert_as_in_pytorch


def test_it_is_pytorchs() -> None:
    assert_as_in_pytorch(Softplus(), "softplus")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_both_tails_keep_their_digits(dtype: str) -> None:
    z = np.concatenate([np.linspace(-80, 20, 201), [1000.0, -1000.0]]).astype(dtype)[None]
    found = Sequential([Softplus()]).initialize(203, dtype=dtype).predict(z)
    expected = [max(each, 0) + math.log1p(math.exp(-abs(each))) for each in z[0].tolist()]
    np.testing.assert_allclose(found[0], expected, rtol=8 * float(np.finfo(dtype).eps))
