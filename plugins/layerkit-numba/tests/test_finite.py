from __future__ import annotations

import numpy as np
import pytest
from layerkit_numba.finite import has_no_end


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("place", [0, 17, 40])
def test_infinity_and_nan_are_found_wherever_they_stand(dtype: str, place: int) -> None:
    vector = np.linspace(-1, 1, 41).astype(dtype)
    largest = np.finfo(dtype).max
    for value in (largest, -largest, 0.0, np.finfo(dtype).tiny):
        vector[place] = value
        assert not has_no_end(vector, 0, 41)
    for value in (np.inf, -np.inf, np.nan, -np.nan):
        vector[place] = value
        assert has_no_end(vector, 0, 41)


def test_an_empty_vector_is_finite() -> None:
    assert not has_no_end(np.zeros(0, np.float32), 0, 0)
