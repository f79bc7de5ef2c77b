from __future__ import annotations

import numpy as np

from layerkit import HardTanh
from tests.reference.activations import assert_as_in_pytorch


def test_it_is_pytorchs() -> None:
    assert_as_in_pytorch(HardTanh(), "hard_tanh")


def test_it_is_flat_at_both_ends() -> None:
    np.testing.assert_array_equal(HardTanh().derivative(np.array([-1.0, -0.99, 0.0, 0.99, 1.0])), [0, 1, 1, 1, 0])
