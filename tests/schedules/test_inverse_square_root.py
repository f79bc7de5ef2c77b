from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import InverseSquareRoot, WarmUp
from layerkit.errors import ArgumentError
from tests.reference.updates import rates


def test_it_is_the_transformers() -> None:
    # d^−½ · min(step^−½, step · warm^−1.5), with step counted from 1
    width, warm = 512, 40
    schedule = WarmUp(InverseSquareRoot((width * warm) ** -0.5, after=warm, unit="step"), length=warm, unit="step")
    steps = [1, 20, 40]
    np.testing.assert_allclose(rates(schedule, steps), [width**-0.5 * step * warm**-1.5 for step in steps])


def test_four_times_later_it_is_half() -> None:
    np.testing.assert_allclose(rates(InverseSquareRoot(1.0, after=2), [0, 20, 80, 320]), [1, 1, 0.5, 0.25])


@pytest.mark.parametrize("argument", [{"after": 1, "initial": -1}, {"initial": 1, "after": 0}])
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"InverseSquareRoot: {list(argument)[-1]}"):
        InverseSquareRoot(**argument)
