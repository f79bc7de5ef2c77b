from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from layerkit import Adam, Muon, UpdateContext
from layerkit.errors import ArgumentError
from layerkit.interfaces.update_context import ParameterSlice
from tests.reference.updates import WEIGHT_AND_BIAS, new_context
from tests.reference.values import reference


def test_matrices_are_pytorchs() -> None:
    # PyTorch's Newton–Schulz steps are in bfloat16
    values = reference("optimizers")
    parameters, ctx = values["weight"].ravel().astype("float32"), matrix_context((4, 3))
    for step in range(20):
        Muon(0.1).update(parameters, values["weight_gradients"][step].ravel(), ctx)
        np.testing.assert_allclose(parameters.reshape(4, 3), values["muon/weight"][step], atol=0.02)


def test_all_singular_values_of_a_step_are_near_one() -> None:
    rng = np.random.default_rng(0)
    for shape in ((30, 20), (20, 30), (3, 3, 2, 16)):
        gradient = rng.normal(size=shape)
        parameters = np.zeros(gradient.size)
        Muon(1.0).update(parameters, gradient.ravel(), matrix_context(shape, dtype="float64", rate=1.0))
        step = parameters.reshape(-1, shape[-1]) / (0.2 * np.sqrt(max(gradient.reshape(-1, shape[-1]).shape)))
        values = np.linalg.svd(step, compute_uv=False)
        assert values.min() > 0.3, shape
        assert values.max() < 1.3, shape


def test_other_parameters_move_as_adam_moves_them() -> None:
    one, other = np.ones(15), np.ones(15)
    gradient = np.linspace(-1, 1, 15)
    ctx, adams = new_context(WEIGHT_AND_BIAS), new_context(WEIGHT_AND_BIAS)
    for _ in range(3):
        Muon(0.1).update(one, gradient, ctx)
        Adam(0.1).update(other, gradient, adams)
    np.testing.assert_allclose(one[12:], other[12:], rtol=1e-14)
    embedding = (ParameterSlice("0.table", 0, 6, (3, 2), ("embedding",)),)
    values, same = np.ones(6), np.ones(6)
    Muon(0.1).update(values, gradient[:6], new_context(embedding))
    Adam(0.1).update(same, gradient[:6], new_context(embedding))
    np.testing.assert_allclose(values, same, rtol=1e-14)


def test_a_gradient_of_zeros_moves_nothing() -> None:
    parameters = np.ones(12)
    Muon(0.1).update(parameters, np.zeros(12), matrix_context((4, 3), dtype="float64"))
    np.testing.assert_array_equal(parameters, 1.0)


def matrix_context(shape: tuple[int, ...], *, dtype: str = "float32", rate: float = 0.1) -> UpdateContext:
    return new_context((ParameterSlice("0.weight", 0, math.prod(shape), shape, ()),), dtype=dtype, rate=rate)


@pytest.mark.parametrize("argument", [{"momentum": 1.0}, {"nesterov": 1}, {"iterations": 0}, {"except_tags": "bias"}])
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"Muon: {next(iter(argument))}"):
        Muon(**argument)
