from __future__ import annotations

import pytest

from layerkit import Uniform
from layerkit.errors import ArgumentError
from tests.initializers.drawing import assert_mean_and_spread, draw


def test_mean_and_spread() -> None:
    assert_mean_and_spread(Uniform(-1.0, 2.0), 0.5, 3 / 12**0.5)


def test_nothing_is_beyond_its_ends() -> None:
    values = draw(Uniform(-0.1, 0.3))
    assert -0.1 <= values.min() < -0.0999
    assert 0.2999 < values.max() <= 0.3


def test_ends_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"Uniform: high must be at least low, got low=0\.5 and high=0\.2"):
        Uniform(0.5, 0.2)
