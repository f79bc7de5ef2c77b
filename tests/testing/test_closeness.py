from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit.testing.closeness import difference, identical


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [0.0, 1.0, 1000.0])
def test_some_hundred_units_in_the_last_place_are_rounding_and_more_are_not(dtype: str, size: float) -> None:
    wanted = np.array([0.0, size], dtype)
    unit = np.finfo(dtype).eps * max(size, 1.0)
    near, far = wanted.copy(), wanted.copy()
    near[0], far[0] = 200 * unit, 300 * unit
    assert difference(near, wanted) is None
    assert difference(far, wanted) is not None


def test_the_coarser_dtype_decides() -> None:
    wanted = np.array([1.0])
    assert difference(np.array([1 + 1e-5], np.float32), wanted) is None
    assert difference(np.array([1 + 1e-5]), wanted) is not None


@pytest.mark.parametrize(
    ("found", "wanted", "told"),
    [
        (np.zeros(2), np.zeros(3), "shape (2,) instead of (3,)"),
        ((np.zeros(2),), (np.zeros(2), np.zeros(2)), "1 arrays instead of 2"),
        (np.array([1, 2]), np.array([1, 3]), "2 instead of 3 at (1,), and 1 of 2 numbers differ"),
        (np.array([np.nan, 1.0]), np.array([1.0, 1.0]), "nan instead of 1 at (0,), and 1 of 2 numbers differ"),
        (np.array([np.inf]), np.array([-np.inf]), "inf instead of -inf at (0,), and 1 of 1 numbers differ"),
    ],
)
def test_what_differs_is_told(found: Any, wanted: Any, told: str) -> None:
    assert difference(found, wanted) == told
    assert not identical(found, wanted)


def test_what_is_not_finite_equals_itself() -> None:
    values = np.array([np.nan, np.inf, -np.inf])
    assert difference(values, values.copy()) is None
    assert identical(values, values.copy())


def test_identical_means_every_bit_and_the_dtype_too() -> None:
    one = np.array([1.0, 2.0])
    assert not identical(one, one.astype(np.float32))
    assert not identical(one, np.nextafter(one, 9))
    assert identical((one, one), (one.copy(), one.copy()))
