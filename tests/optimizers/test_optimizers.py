"""What every built-in optimizer does and leaves alone."""

from __future__ import annotations

import numpy as np
import pytest

from layerkit import (
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    AMSGrad,
    GradientDescent,
    Lion,
    Muon,
    Nadam,
    Optimizer,
    RMSProp,
)
from tests.reference.updates import minimise, new_context, vector_context

OPTIMIZERS: list[Optimizer] = [
    GradientDescent(0.1),
    GradientDescent(0.05, momentum=0.8),
    GradientDescent(0.05, momentum=0.8, nesterov=True),
    Adam(0.1),
    AdamW(0.1),
    AMSGrad(0.1),
    Nadam(0.1),
    Lion(0.01, beta2=0.9),
    Muon(0.1),
    RMSProp(0.02),
    RMSProp(0.02, momentum=0.5, centered=True),
    Adagrad(1.0),
    Adadelta(1.0, epsilon=1e-2),
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_a_quadratic_falls(optimizer: Optimizer) -> None:
    parameters = np.array([3.0, -2.0, 1.0])
    assert isinstance(optimizer.learning_rate, float)
    minimise(optimizer, vector_context(3, rate=optimizer.learning_rate), parameters, 300)
    assert np.abs(parameters).max() < 5e-2


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_updates_are_in_place_in_one_dtype_and_leave_the_gradient(optimizer: Optimizer, dtype: str) -> None:
    parameters, gradient = np.ones(4, dtype), np.full(4, 0.5, dtype)
    gradient.flags.writeable = False
    ctx = vector_context(4, dtype=dtype)
    for _ in range(3):
        optimizer.update(parameters, gradient, ctx)
    assert parameters.dtype == dtype
    assert (parameters < 1).all()
    assert all(array.dtype == dtype for array in ctx.memory()["flat"].values())


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_a_rate_of_zero_changes_nothing(optimizer: Optimizer) -> None:
    parameters = np.array([3.0, -2.0])
    minimise(optimizer, vector_context(2, rate=0.0), parameters, 5)
    np.testing.assert_array_equal(parameters, [3.0, -2.0])


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_memory_saved_and_restored_goes_on_to_the_same_bits(optimizer: Optimizer) -> None:
    one, ctx = np.array([3.0, -2.0, 1.0]), vector_context(3)
    minimise(optimizer, ctx, one, 4)
    other, again = one.copy(), vector_context(3)
    again.restore(ctx.memory())
    again.step = ctx.step
    for parameters, context in ((one, ctx), (other, again)):
        minimise(optimizer, context, parameters, 4)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_no_parameters_at_all(optimizer: Optimizer) -> None:
    empty = new_context(dtype="float32")
    parameters = np.zeros(0, np.float32)
    optimizer.update(parameters, np.zeros(0, np.float32), empty)
    assert parameters.size == 0
