"""Draws first values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Initializer
from layerkit.types import Array

FAN_IN, FAN_OUT = 300, 200


def draw(
    initializer: Initializer, shape: tuple[int, ...] = (FAN_IN, FAN_OUT), *, seed: int = 0, dtype: Any = "float64"
) -> Array:
    """Values of a layer with 300 inputs and 200 outputs."""
    return initializer.initialize(shape, np.random.default_rng(seed), np.dtype(dtype), FAN_IN, FAN_OUT)


def assert_mean_and_spread(initializer: Initializer, mean: float, deviation: float) -> None:
    """As they are to be, within what 60,000 draws allow."""
    values = draw(initializer)
    assert values.mean() == pytest.approx(mean, abs=5 * deviation / 60_000**0.5)
    assert values.std() == pytest.approx(deviation, rel=0.02)
