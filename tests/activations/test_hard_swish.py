from __future__ import annotations

import numpy as np

from layerkit import HardSwish, Sequential
from tests.reference.activations import assert_as_in_pytorch


def test_it_is_pytorchs() -> None:
    assert_as_in_pytorch(HardSwish(), "hard_swish")


def test_its_lowest_point() -> None:
    z = np.array([[-1.5, -3.0, 3.0]])
    np.testing.assert_array_equal(Sequential([HardSwish()]).initialize(3, dtype="float64").predict(z), [[-0.375, 0, 3]])
    np.testing.assert_array_equal(HardSwish().derivative(z), [[0, 0, 1]])
