from __future__ import annotations

import numpy as np
import pytest

from layerkit import Identity, Sequential


@pytest.mark.parametrize("dtype", ["uint8", "int64", "bool", "float32"])
def test_values_and_dtype_stay(dtype: str) -> None:
    x = np.array([[0, 1, 200]]).astype(dtype)
    y = Sequential([Identity()]).initialize(3).predict(x)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, x)


def test_the_slope_is_one() -> None:
    np.testing.assert_array_equal(Identity().derivative(np.array([-2.0, 0.0, 3.0])), [1.0, 1.0, 1.0])
