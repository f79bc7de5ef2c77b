"""What every built-in optimizer does and leaves alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerkit import Adam, ClipNorm, GradientDescent, Optimizer, Transform, WeightDecay
from layerkit.errors import ArgumentError
from layerkit.interfaces.update_context import ParameterSlice, UpdateContext
from layerkit.types import Array

OPTIMIZERS: list[Optimizer] = [
    GradientDescent(0.1),
    GradientDescent(0.05, momentum=0.8),
    GradientDescent(0.05, momentum=0.8, nesterov=True),
    Adam(0.1),
]


def new_context(size: int, dtype: str = "float64", rate: float = 0.1) -> UpdateContext:
    slices = (ParameterSlice("0.weight", 0, size, (size,), ()),)
    ctx = UpdateContext(slices, np.dtype(dtype), rng=np.random.default_rng(0))
    ctx.learning_rate = rate
    return ctx


def minimise(optimizer: Optimizer, ctx: UpdateContext, parameters: Array, steps: int) -> None:
    """Steps down ½ Σ cᵢ θᵢ²."""
    curvature = np.linspace(0.5, 2, parameters.size).astype(parameters.dtype)
    for _ in range(steps):
        optimizer.update(parameters, curvature * parameters, ctx)
        ctx.step += 1


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_a_quadratic_falls(optimizer: Optimizer) -> None:
    parameters = np.array([3.0, -2.0, 1.0])
    minimise(optimizer, new_context(3), parameters, 300)
    assert np.abs(parameters).max() < 1e-2


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_updates_are_in_place_in_one_dtype_and_leave_the_gradient(optimizer: Optimizer, dtype: str) -> None:
    parameters, gradient = np.ones(4, dtype), np.full(4, 0.5, dtype)
    gradient.flags.writeable = False
    ctx = new_context(4, dtype)
    for _ in range(3):
        optimizer.update(parameters, gradient, ctx)
    assert parameters.dtype == dtype
    assert (parameters < 1).all()
    assert all(array.dtype == dtype for array in ctx.memory()["flat"].values())


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_a_rate_of_zero_changes_nothing(optimizer: Optimizer) -> None:
    parameters = np.array([3.0, -2.0])
    minimise(optimizer, new_context(2, rate=0.0), parameters, 5)
    np.testing.assert_array_equal(parameters, [3.0, -2.0])


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_memory_saved_and_restored_goes_on_to_the_same_bits(optimizer: Optimizer) -> None:
    one, ctx = np.array([3.0, -2.0, 1.0]), new_context(3)
    minimise(optimizer, ctx, one, 4)
    other, again = one.copy(), new_context(3)
    again.restore(ctx.memory())
    again.step = ctx.step
    for parameters, context in ((one, ctx), (other, again)):
        minimise(optimizer, context, parameters, 4)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_no_parameters_at_all(optimizer: Optimizer) -> None:
    empty = UpdateContext((), np.dtype("float32"), rng=np.random.default_rng(0))
    parameters = np.zeros(0, np.float32)
    optimizer.update(parameters, np.zeros(0, np.float32), empty)
    assert parameters.size == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 0.99), st.integers(1, 8))
def test_momentum_as_it_is_written_down(seed: int, momentum: float, steps: int) -> None:
    gradients = np.random.default_rng(seed).normal(size=(steps, 5))
    found, expected, velocity, ctx = np.ones(5), np.ones(5), np.zeros(5), new_context(5)
    for gradient in gradients:
        GradientDescent(0.1, momentum=momentum).update(found, gradient, ctx)
        velocity = momentum * velocity + gradient
        expected = expected - 0.1 * velocity
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


def test_adams_first_step_has_the_length_of_the_rate_whatever_the_gradient() -> None:
    for scale in (1e-3, 1.0, 1e3):
        parameters = np.zeros(3)
        Adam(0.1).update(parameters, scale * np.array([1.0, -1.0, 1.0]), new_context(3))
        np.testing.assert_allclose(parameters, [-0.1, 0.1, -0.1], rtol=1e-4)


def test_nesterov_needs_momentum() -> None:
    with pytest.raises(ArgumentError, match=r"nesterov needs a momentum above 0.*momentum=0\.9"):
        GradientDescent(0.1, nesterov=True)


@pytest.mark.parametrize("argument", [{"momentum": 1.0}, {"momentum": -0.1}, {"nesterov": "yes"}])
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"GradientDescent: {next(iter(argument))}"):
        GradientDescent(0.1, **argument)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8), st.floats(1e-3, 1e3))
def test_a_clipped_gradient_keeps_its_direction_and_is_never_longer_than_the_limit(
    values: list[float], limit: float
) -> None:
    gradient = np.array(values)
    given_norm = np.linalg.norm(gradient)
    before = gradient.copy()
    ClipNorm(limit).before(np.zeros_like(gradient), gradient, new_context(gradient.size))
    assert np.linalg.norm(gradient) <= limit * (1 + 1e-9) or given_norm <= limit
    factor = min(1.0, limit / given_norm) if given_norm else 1.0
    np.testing.assert_allclose(gradient, factor * before, rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize("size", [1e20, 1e30, 3e38])
def test_clipping_a_gradient_whose_square_overflows(size: float) -> None:
    gradient = np.array([size, -size, 0.0], np.float32)
    with np.errstate(over="ignore"):
        ClipNorm(1.0).before(np.zeros(3, np.float32), gradient, new_context(3, "float32"))
    np.testing.assert_allclose(gradient, [0.5**0.5, -(0.5**0.5), 0.0], rtol=1e-5)


def decay(transform: Transform, parameters: Array, ctx: UpdateContext) -> None:
    transform.before(parameters, np.zeros_like(parameters), ctx)
    transform.after(parameters, ctx)


def test_weight_decay_goes_by_the_rate_and_spares_tags() -> None:
    slices = (
        ParameterSlice("0.weight", 0, 2, (2,), ()),
        ParameterSlice("0.bias", 2, 3, (1,), ("bias",)),
        ParameterSlice("1.scale", 3, 4, (1,), ("scale",)),
    )
    ctx = UpdateContext(slices, np.dtype("float64"), rng=np.random.default_rng(0))
    ctx.learning_rate = 0.5
    parameters = np.full(4, 2.0)
    decay(WeightDecay(0.1), parameters, ctx)
    np.testing.assert_allclose(parameters, [1.9, 1.9, 2.0, 1.9])
    decay(WeightDecay(0.1, except_tags=("scale", "bias")), parameters, ctx)
    np.testing.assert_allclose(parameters, [1.805, 1.805, 2.0, 1.9])
    decay(WeightDecay(0.1, except_tags=()), parameters, ctx)
    np.testing.assert_allclose(parameters[2], 1.9)


def test_weight_decay_goes_by_what_parameters_were_before_the_update() -> None:
    ctx = new_context(1, rate=0.5)
    transform, parameters = WeightDecay(0.1), np.array([2.0])
    transform.before(parameters, np.zeros(1), ctx)
    parameters -= 1.0
    transform.after(parameters, ctx)
    np.testing.assert_allclose(parameters, 2.0 - 1.0 - 0.5 * 0.1 * 2.0)


@pytest.mark.parametrize("make", [lambda: ClipNorm(0.0), lambda: WeightDecay(-0.1)])
def test_limits_of_transforms(make: Any) -> None:
    with pytest.raises(ArgumentError):
        make()


def test_memory_follows_the_parameters_to_their_new_places() -> None:
    first = (ParameterSlice("a", 0, 2, (2,), ()), ParameterSlice("b", 2, 5, (3,), ()))
    ctx = UpdateContext(first, np.dtype("float64"), rng=np.random.default_rng(0))
    ctx.state("velocity")[...] = [1, 2, 3, 4, 5]
    ctx.state("square", fill=9.0)
    ctx.lay_out((ParameterSlice("b", 0, 3, (3,), ()), ParameterSlice("c", 3, 5, (2,), ())), np.dtype("float32"))
    np.testing.assert_array_equal(ctx.state("velocity"), [3, 4, 5, 0, 0])
    np.testing.assert_array_equal(ctx.state("square"), 9)
    assert ctx.state("velocity").dtype == np.float32
