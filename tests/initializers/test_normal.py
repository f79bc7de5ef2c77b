from __future__ import annotations

import numpy as np
import pytest

from layerkit import Normal
from layerkit.errors import ArgumentError
from tests.initializers.drawing import assert_mean_and_spread, draw


@pytest.mark.parametrize(
    ("initializer", "mean", "deviation"), [(Normal(), 0.0, 1.0), (Normal(0.3, mean=1.0), 1.0, 0.3)], ids=repr
)
def test_mean_and_spread(initializer: Normal, mean: float, deviation: float) -> None:
    assert_mean_and_spread(initializer, mean, deviation)


def test_without_a_deviation_all_values_are_the_mean() -> None:
    np.testing.assert_array_equal(draw(Normal(0.0, mean=2.0), (3,)), [2.0, 2.0, 2.0])


@pytest.mark.parametrize(("name", "value"), [("deviation", -1.0), ("mean", float("inf"))])
def test_arguments_out_of_range(name: str, value: float) -> None:
    with pytest.raises(ArgumentError, match=f"Normal: {name} must be a finite number"):
        Normal(**{name: value})
