from __future__ import annotations

import numpy as np

from layerkit import Dense, Sequential, Zeros
from tests.initializers.drawing import draw


def test_all_are_zero() -> None:
    np.testing.assert_array_equal(draw(Zeros(), (2, 3)), np.zeros((2, 3)))


def test_biases_begin_with_zeros() -> None:
    assert not Sequential([Dense(3)]).initialize(2).parameters["0.bias"].any()
