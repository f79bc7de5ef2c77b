from __future__ import annotations

import numpy as np
import pytest

from layerkit import Scratch
from layerkit.activations.normal_distribution import normal_distribution
from tests.reference.values import reference


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_it_is_off_by_a_few_units_in_the_last_place(dtype: str) -> None:
    expected = reference("normal_distribution", f"{dtype}/")
    found = normal_distribution(expected["z"], Scratch(np.dtype(dtype)), "found")
    for array, wanted in zip(found, (expected["distribution"], expected["density"]), strict=True):
        assert array.dtype == dtype
        normal = wanted > np.finfo(dtype).tiny
        assert normal.sum() > 900
        units = np.abs(array - wanted)[normal] / np.spacing(wanted.astype(dtype)[normal])
        assert units.max() <= 6
        assert units.mean() < 1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_far_out_it_is_0_and_1(dtype: str) -> None:
    z = np.array([-np.finfo(dtype).max, -1e4, -50, 50, 1e4, np.finfo(dtype).max, np.nan], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        found, density = normal_distribution(z, Scratch(np.dtype(dtype)), "found")
    np.testing.assert_array_equal(found, [0, 0, 0, 1, 1, 1, np.nan])
    np.testing.assert_array_equal(density, [0, 0, 0, 0, 0, 0, np.nan])
