from __future__ import annotations

from layerkit import LeCun
from tests.initializers.drawing import FAN_IN, assert_mean_and_spread


def test_mean_and_spread() -> None:
    assert_mean_and_spread(LeCun(), 0.0, (1 / FAN_IN) ** 0.5)
