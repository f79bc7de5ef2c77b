from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import OneCycle
from layerkit.errors import ArgumentError
from tests.reference.updates import assert_rates, rates


def test_it_is_pytorchs() -> None:
    # of twelve steps PyTorch counts eleven from the first to the last, three quarters of the twelfth before the peak
    schedule = OneCycle(0.4, length=11, rise=2 / 11)
    assert_rates("one_cycle", schedule)


def test_after_the_cycle_it_stays_at_the_lowest() -> None:
    np.testing.assert_allclose(rates(OneCycle(1.0, length=2, divide=10, final_divide=2), [20, 21, 999]), 0.05)


@pytest.mark.parametrize(
    "argument",
    [
        {"length": 1, "peak": -1},
        {"peak": 1, "length": 0},
        {"peak": 1, "length": 1, "rise": 1.0},
        {"peak": 1, "length": 1, "divide": 0.5},
    ],
)
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"OneCycle: {list(argument)[-1]}"):
        OneCycle(**argument)
