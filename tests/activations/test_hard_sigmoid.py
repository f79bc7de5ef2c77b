from __future__ import annotations

import numpy as np

from layerkit import HardSigmoid
from tests.reference.activations import assert_as_in_pytorch


def test_it_is_pytorchs() -> None:
    assert_as_in_pytorch(HardSigmoid(), "hard_sigmoid")


def test_it_is_flat_at_both_ends() -> None:
    np.testing.assert_array_equal(HardSigmoid().derivative(np.array([-3.0, -2.9, 2.9, 3.0])) * 6, [0, 1, 1, 0])
