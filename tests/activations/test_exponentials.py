from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from layerkit import Scratch
from layerkit.activations.exponentials import exponential_minus_one, logarithm_of_one_plus, logistic
from layerkit.types import Array

Function = Callable[[Array, Scratch, str], Array]
SMALL = np.geomspace(1e-30, 1, 400)
CASES = [
    (logistic, np.concatenate([-np.geomspace(1e-3, 85, 200), np.geomspace(1e-3, 1000, 200)]),
     lambda z: math.exp(z) / (1 + math.exp(z)) if z < 0 else 1 / (1 + math.exp(-z))),
    (exponential_minus_one, np.concatenate([-SMALL, -np.geomspace(1, 1000, 200)]), math.expm1),
    (logarithm_of_one_plus, np.concatenate([[0.0], SMALL]), math.log1p),
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("function", "places", "wanted"), CASES)
def test_all_digits_are_kept(function: Function, places: Array, wanted: Callable[[float], float], dtype: str) -> None:
    z = places.astype(dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        found = function(z, Scratch(np.dtype(dtype)), "found")
    assert found.dtype == dtype
    expected = np.array([wanted(each) for each in z.tolist()])
    np.testing.assert_allclose(found, expected, rtol=6 * float(np.finfo(dtype).eps))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_logistic_function_ends_above_0(dtype: str) -> None:
    z = np.array([-1000.0, -1e4], dtype)
    found = logistic(z, Scratch(np.dtype(dtype)), "found")
    assert (found > 0).all()
    assert (found < 1e-37).all()
