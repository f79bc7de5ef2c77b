from __future__ import annotations

import numpy as np
import pytest

from layerkit import MeanSquaredError
from tests.metrics.measuring import measure


def test_it_is_the_mean_over_outputs_and_examples() -> None:
    prediction, target = np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [0.0, 4.0]])
    assert measure(MeanSquaredError(), prediction, target) == (2.5 + 8) / 2
    assert measure(MeanSquaredError(), prediction, target, np.array([1.0, 0.0])) == 2.5


def test_squares_of_single_precision_do_not_overflow() -> None:
    big = np.full((2, 1), 1e30, np.float32)
    assert measure(MeanSquaredError(), big, -big) == pytest.approx(4e60, rel=1e-5)


def test_positions_that_a_mask_leaves_out_do_not_count() -> None:
    prediction, target = np.array([[[1.0, 3.0], [9.0, 9.0]], [[2.0, 0.0], [0.0, 0.0]]]), np.zeros((2, 2, 2))
    found = measure(MeanSquaredError(), prediction, target, mask=np.array([[True, False], [True, True]]))
    assert found == (10 / 2 + 4 / 4) / 2


def test_an_example_of_which_nothing_counts_has_no_error() -> None:
    prediction, target = np.full((2, 1, 2), 3.0), np.zeros((2, 1, 2))
    assert measure(MeanSquaredError(), prediction, target, mask=np.array([[True], [False]])) == 4.5
