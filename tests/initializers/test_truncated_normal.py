from __future__ import annotations

import numpy as np
import pytest

from layerkit import TruncatedNormal
from tests.initializers.drawing import assert_mean_and_spread, draw


def test_mean_and_spread() -> None:
    assert_mean_and_spread(TruncatedNormal(0.5, mean=2.0), 2.0, 0.5)


def test_nothing_is_far_out() -> None:
    # ± 2 of the uncut distribution, whose deviation is 1 / 0.8796
    assert np.abs(draw(TruncatedNormal())).max() == pytest.approx(2 / 0.8796, rel=1e-2)
