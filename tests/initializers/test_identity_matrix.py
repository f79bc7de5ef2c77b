from __future__ import annotations

import numpy as np

from layerkit import IdentityMatrix
from tests.initializers.drawing import draw


def test_it_passes_on_what_comes_in() -> None:
    np.testing.assert_array_equal(draw(IdentityMatrix(), (3, 3)), np.eye(3))
    np.testing.assert_array_equal(draw(IdentityMatrix(0.5), (4, 2)), 0.5 * np.eye(4, 2))
    np.testing.assert_array_equal(draw(IdentityMatrix(), (2, 2, 3)).reshape(4, 3), np.eye(4, 3))
