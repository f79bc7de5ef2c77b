from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Glorot, He, VarianceScaling
from layerkit.errors import ArgumentError
from layerkit.initializers.variance_scaling import Distribution, Mode
from tests.initializers.drawing import FAN_IN, FAN_OUT, assert_mean_and_spread, draw


@pytest.mark.parametrize("distribution", ["normal", "uniform", "truncated-normal"])
@pytest.mark.parametrize(
    ("mode", "fan"), [("fan_in", FAN_IN), ("fan_out", FAN_OUT), ("fan_average", (FAN_IN + FAN_OUT) / 2)]
)
def test_mean_and_spread(distribution: Distribution, mode: Mode, fan: float) -> None:
    assert_mean_and_spread(VarianceScaling(3.0, mode=mode, distribution=distribution), 0.0, (3.0 / fan) ** 0.5)


def test_its_relatives_are_cases_of_it() -> None:
    np.testing.assert_allclose(draw(VarianceScaling(2.0)), draw(He()))
    np.testing.assert_allclose(draw(VarianceScaling(mode="fan_average", distribution="uniform")), draw(Glorot()))


@pytest.mark.parametrize("argument", [{"scale": 0}, {"mode": "fan"}, {"distribution": "cauchy"}])
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"VarianceScaling: {next(iter(argument))}"):
        VarianceScaling(**argument)
