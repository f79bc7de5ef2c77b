from __future__ import annotations

from typing import Any

import pytest

from layerkit import PolynomialDecay
from layerkit.errors import ArgumentError
from tests.reference.updates import assert_rates, rates


def test_it_is_pytorchs() -> None:
    assert_rates("polynomial", PolynomialDecay(0.4, length=9, power=2.0))


def test_after_its_length_it_stays() -> None:
    assert rates(PolynomialDecay(1.0, length=2, final=0.25), [20, 21, 500]) == [0.25] * 3


@pytest.mark.parametrize(
    "argument",
    [{"initial": 1, "length": 0}, {"initial": 1, "length": 1, "power": 0}, {"initial": 1, "length": 1, "final": -1}],
)
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"PolynomialDecay: {list(argument)[-1]}"):
        PolynomialDecay(**argument)
