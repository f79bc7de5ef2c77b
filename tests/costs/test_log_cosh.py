from __future__ import annotations

import math

import numpy as np
import pytest

from layerkit import LogCosh
from tests.reference.costs import CostBench, assert_as_in_pytorch_in_both_dtypes


def test_it_is_that_of_the_formula() -> None:
    assert_as_in_pytorch_in_both_dtypes(LogCosh(), "log_cosh")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_small_costs_keep_their_digits_and_large_ones_do_not_overflow(dtype: str) -> None:
    small = np.geomspace(1e-12, 1e-3, 40).astype(dtype)[:, None]
    bench = CostBench(LogCosh(), dtype)
    rounding = 8 * float(np.finfo(dtype).eps)
    square = small.astype(float) ** 2
    # the first terms of its series
    wanted = square / 2 - square**2 / 12 + square**3 / 45
    np.testing.assert_allclose(bench.forward(small, 0 * small), wanted[:, 0], rtol=rounding)
    large = np.array([[-1e4], [800.0]], dtype)
    np.testing.assert_allclose(bench.forward(large, 0 * large), np.abs(large[:, 0]) - math.log(2), rtol=rounding)
