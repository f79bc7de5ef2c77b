from __future__ import annotations

from typing import Any

import pytest

from layerkit import ConstantRate
from layerkit.arguments import check_integer, check_learning_rate, check_number
from layerkit.errors import ArgumentError


@pytest.mark.parametrize("value", [True, 2, 3.0, "3", None])
def test_what_is_no_integer_of_at_least_the_minimum_is_refused(value: Any) -> None:
    check_integer("Thing", "size", 3, minimum=3)
    with pytest.raises(ArgumentError, match=f"Thing: size must be an integer of at least 3, got {value!r}"):
        check_integer("Thing", "size", value, minimum=3)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0, 1])
def test_the_ends_of_a_closed_range_belong_to_it(value: float) -> None:
    check_number("Thing", "share", value, minimum=0, maximum=1)
    for beyond in (-1e-9, 1 + 1e-9, float("nan"), True):
        with pytest.raises(ArgumentError, match="share must be a finite number at least 0 and at most 1"):
            check_number("Thing", "share", beyond, minimum=0, maximum=1)


@pytest.mark.parametrize("value", [0, 1])
def test_the_ends_of_an_open_range_do_not(value: float) -> None:
    check_number("Thing", "share", 0.5, above=0, below=1)
    with pytest.raises(ArgumentError, match="share must be a finite number above 0 and below 1"):
        check_number("Thing", "share", value, above=0, below=1)


@pytest.mark.parametrize("value", [0, 0.1, 3, ConstantRate(0.1)])
def test_a_learning_rate_is_a_number_of_at_least_0_or_a_schedule(value: Any) -> None:
    check_learning_rate("Thing", value)


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf"), True, "0.1", None, [0.1]])
def test_any_other_learning_rate_is_refused(value: Any) -> None:
    with pytest.raises(
        ArgumentError, match="Thing: learning_rate must be a finite number at least 0, or a Schedule, got"
    ):
        check_learning_rate("Thing", value)


def test_a_schedule_s_class_is_no_schedule() -> None:
    with pytest.raises(ArgumentError, match="write ConstantRate"):
        check_learning_rate("Thing", ConstantRate)
