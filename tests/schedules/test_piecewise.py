from __future__ import annotations

from typing import Any

import pytest

from layerkit import Piecewise
from layerkit.errors import ArgumentError
from tests.reference.updates import assert_rates, rates


def test_it_is_pytorchs() -> None:
    assert_rates("piecewise", Piecewise([0.4, 0.04, 0.004], boundaries=[3, 8]))


def test_one_rate_needs_no_boundary() -> None:
    assert rates(Piecewise((0.3,), boundaries=()), [0, 1000]) == [0.3, 0.3]


@pytest.mark.parametrize(
    "argument",
    [
        {"boundaries": [], "rates": [-1]},
        {"boundaries": [1], "rates": [1]},
        {"rates": [1, 2], "boundaries": [0]},
        {"rates": [1, 2, 3], "boundaries": [2, 2]},
        {"boundaries": [], "rates": 0.1},
    ],
)
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"Piecewise: {list(argument)[-1]}"):
        Piecewise(**argument)
