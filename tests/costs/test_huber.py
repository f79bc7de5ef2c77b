from __future__ import annotations

import numpy as np
import pytest

from layerkit import AbsoluteError, Huber, Quadratic
from layerkit.errors import ArgumentError
from tests.reference.costs import CostBench, assert_as_in_pytorch_in_both_dtypes

PREDICTION, TARGET = np.array([[-3.0, 0.5, 0.0, 9.0]]), np.zeros((1, 4))


def test_it_is_pytorchs() -> None:
    assert_as_in_pytorch_in_both_dtypes(Huber(0.7), "huber")


def test_a_large_delta_makes_it_quadratic_and_a_small_one_absolute() -> None:
    np.testing.assert_array_equal(
        CostBench(Huber(10.0)).forward(PREDICTION, TARGET), CostBench(Quadratic()).forward(PREDICTION, TARGET)
    )
    np.testing.assert_allclose(
        CostBench(Huber(1e-6)).forward(PREDICTION, TARGET) / 1e-6,
        CostBench(AbsoluteError()).forward(PREDICTION, TARGET),
        rtol=1e-6,
    )


def test_an_outlier_pulls_no_harder_than_delta() -> None:
    bench = CostBench(Huber(0.4))
    bench.forward(1e9 * PREDICTION, TARGET)
    np.testing.assert_array_equal(bench.backward(1e9 * PREDICTION, TARGET), [[-0.4, 0.4, 0, 0.4]])


def test_a_delta_of_0_is_refused() -> None:
    with pytest.raises(ArgumentError, match="Huber: delta must be a finite number above 0, got 0"):
        Huber(0)
