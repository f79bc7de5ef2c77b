from __future__ import annotations

import numpy as np
import pytest

from layerkit import He
from tests.initializers.drawing import FAN_IN, assert_mean_and_spread


def test_mean_and_spread() -> None:
    assert_mean_and_spread(He(), 0.0, (2 / FAN_IN) ** 0.5)


@pytest.mark.parametrize("fan_out", [1, 1000])
def test_the_inputs_alone_count(fan_out: int) -> None:
    values = He().initialize((20_000,), np.random.default_rng(0), np.dtype("float64"), 8, fan_out)
    assert values.std() == pytest.approx(0.5, rel=0.02)


def test_values_are_normal() -> None:
    values = He().initialize((20_000,), np.random.default_rng(0), np.dtype("float64"), 2, 2)
    assert (np.abs(values) < 1).mean() == pytest.approx(0.6827, abs=0.01)
