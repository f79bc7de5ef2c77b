from __future__ import annotations

import numpy as np

from layerkit import LeakyReLU, Sequential
from tests.reference.activations import assert_as_in_pytorch


def test_it_is_pytorchs() -> None:
    assert_as_in_pytorch(LeakyReLU(0.2), "leaky_relu")


def test_at_its_kink_the_slope_is_the_left_one() -> None:
    np.testing.assert_array_equal(LeakyReLU(0.2).derivative(np.array([-1.0, 0.0, 1.0])), [0.2, 0.2, 1.0])


def test_with_0_it_is_relu_and_with_1_the_identity() -> None:
    z = np.array([[-2.0, 0.0, 3.0]])
    for slope, wanted in ((0, [[0.0, 0.0, 3.0]]), (1, z)):
        np.testing.assert_array_equal(Sequential([LeakyReLU(slope)]).initialize(3).predict(z), wanted)
