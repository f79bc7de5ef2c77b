from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Adam, UpdateContext, WeightDecay
from layerkit.errors import ArgumentError
from layerkit.interfaces.update_context import ParameterSlice
from layerkit.types import Array
from tests.reference.updates import assert_updates, new_context, vector_context


def decay(transform: WeightDecay, parameters: Array, ctx: UpdateContext) -> None:
    transform.before(parameters, np.zeros_like(parameters), ctx)
    transform.after(parameters, ctx)


def test_with_adam_it_is_pytorchs() -> None:
    assert_updates("adamw", Adam(0.05), WeightDecay(0.2))


def test_it_goes_by_the_rate_and_spares_tags() -> None:
    slices = (
        ParameterSlice("0.weight", 0, 2, (2,), ()),
        ParameterSlice("0.bias", 2, 3, (1,), ("bias",)),
        ParameterSlice("1.scale", 3, 4, (1,), ("scale",)),
    )
    ctx = new_context(slices, rate=0.5)
    parameters = np.full(4, 2.0)
    decay(WeightDecay(0.1), parameters, ctx)
    np.testing.assert_allclose(parameters, [1.9, 1.9, 2.0, 2.0])
    decay(WeightDecay(0.1, except_tags=["bias"]), parameters, ctx)
    np.testing.assert_allclose(parameters, [1.805, 1.805, 2.0, 1.9])
    decay(WeightDecay(0.1, except_tags=()), parameters, ctx)
    np.testing.assert_allclose(parameters[2], 1.9)


def test_it_goes_by_what_parameters_were_before_the_update() -> None:
    ctx = vector_context(1, rate=0.5)
    transform, parameters = WeightDecay(0.1), np.array([2.0])
    transform.before(parameters, np.zeros(1), ctx)
    parameters -= 1.0
    transform.after(parameters, ctx)
    np.testing.assert_allclose(parameters, 2.0 - 1.0 - 0.5 * 0.1 * 2.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rate": -0.1}, "rate must be a finite number at least 0"),
        ({"rate": 0.1, "except_tags": "bias"}, "except_tags must be a list or tuple of strings, got 'bias'"),
        ({"rate": 0.1, "except_tags": [1]}, r"except_tags must be a list or tuple of strings, got \[1\]"),
    ],
)
def test_arguments_out_of_range(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=f"WeightDecay: {message}"):
        WeightDecay(**arguments)
