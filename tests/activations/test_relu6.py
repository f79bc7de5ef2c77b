from __future__ import annotations

import numpy as np

from layerkit import ReLU6
from tests.reference.activations import assert_as_in_pytorch


def test_it_is_pytorchs() -> None:
    assert_as_in_pytorch(ReLU6(), "relu6")


def test_it_is_flat_at_both_ends() -> None:
    z = np.array([-1.0, 0.0, 1e-30, 3.0, 5.9, 6.0, 7.0])
    np.testing.assert_array_equal(ReLU6().derivative(z), [0, 0, 1, 1, 1, 0, 0])
