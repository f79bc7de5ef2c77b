"""Optimizers, transforms and schedules by themselves, and beside PyTorch's."""

from __future__ import annotations

import numpy as np

from layerkit import Optimizer, Schedule, Transform, UpdateContext
from layerkit.interfaces.update_context import ParameterSlice
from layerkit.types import Array
from tests.reference.values import assert_close, reference

WEIGHT_AND_BIAS = (ParameterSlice("0.weight", 0, 12, (4, 3), ()), ParameterSlice("0.bias", 12, 15, (3,), ("bias",)))


def new_context(
    slices: tuple[ParameterSlice, ...] = (),
    *,
    dtype: str = "float64",
    rate: float = 0.1,
    steps_per_epoch: int | None = None,
) -> UpdateContext:
    """A context at step 0."""
    rng = np.random.default_rng(0)
    ctx = UpdateContext(slices, np.dtype(dtype), rng=rng, steps_per_epoch=steps_per_epoch)
    ctx.learning_rate = rate
    return ctx


def vector_context(size: int, *, dtype: str = "float64", rate: float = 0.1) -> UpdateContext:
    """A context for one parameter of so many numbers."""
    return new_context((ParameterSlice("0.weight", 0, size, (size,), ()),), dtype=dtype, rate=rate)


def minimise(optimizer: Optimizer, ctx: UpdateContext, parameters: Array, steps: int) -> None:
    """Steps down ½ Σ cᵢ θᵢ²."""
    curvature = np.linspace(0.5, 2, parameters.size).astype(parameters.dtype)
    for _ in range(steps):
        optimizer.update(parameters, curvature * parameters, ctx)
        ctx.step += 1


def assert_updates(
    case: str, optimizer: Optimizer, transform: Transform | None = None, *, tolerance: float = 2e-5
) -> None:
    """Parameters after each of a hundred updates are PyTorch's, and the gradient is left alone."""
    values = reference("optimizers")
    parameters = np.concatenate([values["weight"].ravel(), values["bias"]])
    assert isinstance(optimizer.learning_rate, float)
    ctx, around = (new_context(WEIGHT_AND_BIAS, dtype="float32", rate=optimizer.learning_rate) for _ in range(2))
    for step in range(len(values["bias_gradients"])):
        gradient = np.concatenate([values["weight_gradients"][step].ravel(), values["bias_gradients"][step]])
        ctx.step = around.step = step
        if transform is not None:
            transform.before(parameters, gradient, around)
        given = gradient.copy()
        optimizer.update(parameters, gradient, ctx)
        np.testing.assert_array_equal(gradient, given)
        if transform is not None:
            transform.after(parameters, around)
        assert_close(parameters[:12].reshape(4, 3), values[f"{case}/weight"][step], tolerance)
        assert_close(parameters[12:], values[f"{case}/bias"][step], tolerance)


def assert_rates(case: str, schedule: Schedule) -> None:
    """The learning rates at the beginning of twelve epochs of five steps are PyTorch's."""
    ctx = new_context(steps_per_epoch=5)
    rates = [schedule.rate(5 * epoch, ctx) for epoch in range(12)]
    np.testing.assert_allclose(rates, reference("schedules")[case], rtol=1e-12)


def rates(schedule: Schedule, steps: list[int]) -> list[float]:
    """The learning rates of some steps, an epoch being ten of them."""
    return [schedule.rate(step, new_context(steps_per_epoch=10)) for step in steps]
