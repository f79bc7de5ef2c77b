from __future__ import annotations

import numpy as np
import pytest

from layerkit import Quadratic
from tests.reference.costs import CostBench, assert_as_in_pytorch


@pytest.mark.parametrize("case", ["2d", "3d"])
def test_it_is_pytorchs(case: str) -> None:
    assert_as_in_pytorch(Quadratic(), f"quadratic/{case}")


def test_it_is_half_the_sum_of_squares() -> None:
    found = CostBench(Quadratic()).forward(np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [0.0, 3.0]]))
    np.testing.assert_array_equal(found, [2.5, 4.5])


def test_its_lowest_cost_is_that_of_the_target_itself() -> None:
    target = np.array([[1.0, -2.0]])
    assert CostBench(Quadratic()).forward(target, target)[0] == Quadratic.minimum == 0


def test_one_context_takes_batches_of_changing_shapes() -> None:
    bench = CostBench(Quadratic())
    for shape in ((4, 3), (2, 3), (2, 2, 3), (4, 3)):
        prediction, target = np.full(shape, 3.0), np.ones(shape)
        np.testing.assert_array_equal(bench.forward(prediction, target), np.full(shape[0], 2.0 * np.prod(shape[1:])))
        np.testing.assert_array_equal(bench.backward(prediction, target), prediction - target)


def test_there_is_no_readout() -> None:
    assert Quadratic().readout() is None
