"""The functions that compile to vector instructions are as exact as they are said to be."""

from __future__ import annotations

from typing import Any

import numpy as np
from layerkit_numba import tanh
from layerkit_numba.compilation import OPTIONS
from numba import njit


@njit(**OPTIONS)  # type: ignore[untyped-decorator]
def tangents(x: Any, y: Any) -> None:
    for place in range(x.size):
        y[place] = tanh(x[place])


def test_tanh_in_float32_is_good_to_three_units_in_the_last_place() -> None:
    x = np.concatenate([np.linspace(-12, 12, 100_001), np.logspace(-37, 1, 100_001)]).astype(np.float32)
    y, expected = np.empty_like(x), np.tanh(x.astype(np.float64))
    tangents(x, y)
    assert (np.abs(y - expected) / np.spacing(np.abs(expected.astype(np.float32)))).max() <= 3


def test_tanh_keeps_signs_of_zeros_ends_and_what_is_no_number() -> None:
    x = np.array([0.0, -0.0, np.inf, -np.inf, 1e30, np.nan], np.float32)
    y = np.empty_like(x)
    tangents(x, y)
    np.testing.assert_array_equal(y, np.array([0.0, 0.0, 1.0, -1.0, 1.0, np.nan], np.float32))
    np.testing.assert_array_equal(np.signbit(y[:4]), [False, True, False, True])
