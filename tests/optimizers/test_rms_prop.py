from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import RMSProp
from layerkit.errors import ArgumentError
from tests.reference.updates import assert_updates, vector_context


@pytest.mark.parametrize(
    ("case", "optimizer"),
    [
        ("rms_prop", RMSProp(0.01)),
        ("rms_prop_centered", RMSProp(0.01, rho=0.8, epsilon=1e-3, momentum=0.7, centered=True)),
    ],
)
def test_it_is_pytorchs(case: str, optimizer: RMSProp) -> None:
    assert_updates(case, optimizer)


def test_a_gradient_that_does_not_change_keeps_centred_steps_finite() -> None:
    parameters, ctx = np.zeros(1, np.float32), vector_context(1, dtype="float32")
    for _ in range(200):
        RMSProp(0.1, epsilon=1e-2, centered=True).update(parameters, np.array([0.3], np.float32), ctx)
    assert np.isfinite(parameters).all()


@pytest.mark.parametrize("argument", [{"rho": 1.0}, {"momentum": 1.0}, {"epsilon": 0.0}, {"centered": 1}])
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"RMSProp: {next(iter(argument))}"):
        RMSProp(**argument)
