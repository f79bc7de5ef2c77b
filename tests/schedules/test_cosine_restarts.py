from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import CosineRestarts
from layerkit.errors import ArgumentError
from tests.reference.updates import assert_rates, rates


def test_it_is_pytorchs() -> None:
    assert_rates("restarts", CosineRestarts(0.4, period=2, growth=2, final=0.01))


def test_without_growth_all_periods_are_alike() -> None:
    schedule = CosineRestarts(1.0, period=3)
    np.testing.assert_allclose(rates(schedule, [7, 37, 30_000_007]), rates(schedule, [7]) * 3, rtol=1e-6)


@pytest.mark.parametrize(
    "argument",
    [{"initial": 1, "period": 0}, {"initial": 1, "period": 1, "growth": 0}, {"initial": 1, "period": 1, "final": -1}],
)
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"CosineRestarts: {list(argument)[-1]}"):
        CosineRestarts(**argument)
