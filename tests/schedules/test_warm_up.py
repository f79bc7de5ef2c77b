from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import CosineDecay, StepDecay, WarmUp
from layerkit.errors import ArgumentError
from tests.reference.updates import assert_rates, rates


def test_it_is_pytorchs() -> None:
    assert_rates("warm_up", WarmUp(0.4, length=5, start=0.1))


def test_what_comes_after_it_begins_then() -> None:
    after = CosineDecay(1.0, length=4)
    schedule = WarmUp(after, length=3)
    assert rates(schedule, [0, 15, 30]) == [0.0, 0.5, 1.0]
    assert rates(schedule, [40, 55, 70, 99]) == rates(after, [10, 25, 40, 69])
    in_steps = WarmUp(StepDecay(1.0, every=3, unit="step"), length=2, unit="step")
    np.testing.assert_allclose(rates(in_steps, [0, 1, 2, 4, 5]), [0, 0.5, 1, 1, 0.1])


def test_it_can_stand_in_front_of_another_one() -> None:
    schedule = WarmUp(WarmUp(1.0, length=1, start=0.5), length=1, start=0.5)
    np.testing.assert_allclose(rates(schedule, [0, 5, 10, 15, 20, 25]), [0.25, 0.375, 0.5, 0.75, 1, 1])


@pytest.mark.parametrize(
    "argument",
    [
        {"length": 1, "then": -1},
        {"then": 1, "length": 0},
        {"then": 1, "length": 1, "start": 1.5},
        {"length": 1, "then": "x"},
    ],
)
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"WarmUp: {list(argument)[-1]}"):
        WarmUp(**argument)
