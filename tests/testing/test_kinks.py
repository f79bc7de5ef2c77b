from __future__ import annotations

import numpy as np
import pytest

from layerkit.testing.differences import compare


@pytest.mark.parametrize(("kinks", "smooth"), [(2, 8), (3, 7), (9, 1)])
def test_places_at_a_kink_are_left_out_unless_they_are_most(kinks: int, smooth: int) -> None:
    point = np.array([0.0] * kinks + [1.0] * smooth)
    gradient = np.sign(point)
    told = compare(lambda: float(np.abs(point).sum()), point, gradient, np.random.default_rng(0), size=10.0)
    if kinks < smooth:
        assert told is None
    else:
        assert told is not None
        assert "at most places the output jumps or bends sharply" in str(told)
    np.testing.assert_array_equal(point, [0.0] * kinks + [1.0] * smooth)
