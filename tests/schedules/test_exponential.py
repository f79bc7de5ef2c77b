from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import ExponentialDecay
from layerkit.errors import ArgumentError
from tests.reference.updates import assert_rates, rates


def test_it_is_pytorchs() -> None:
    assert_rates("exponential", ExponentialDecay(0.4, factor=0.8))


def test_it_falls_within_an_epoch_too() -> None:
    np.testing.assert_allclose(rates(ExponentialDecay(1.0, factor=0.25), [5, 10, 15]), [0.5, 0.25, 0.125])


@pytest.mark.parametrize(
    "argument",
    [{"factor": 0.5, "initial": -1}, {"initial": 1, "factor": -1}, {"initial": 1, "factor": 1, "unit": "day"}],
)
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"ExponentialDecay: {list(argument)[-1]}"):
        ExponentialDecay(**argument)
