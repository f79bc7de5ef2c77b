from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerkit import GradientDescent
from layerkit.errors import ArgumentError
from tests.reference.updates import assert_updates, vector_context


@pytest.mark.parametrize(
    ("case", "optimizer"),
    [
        ("gradient_descent", GradientDescent(0.1)),
        ("momentum", GradientDescent(0.1, momentum=0.9)),
        ("nesterov", GradientDescent(0.1, momentum=0.8, nesterov=True)),
    ],
)
def test_it_is_pytorchs(case: str, optimizer: GradientDescent) -> None:
    assert_updates(case, optimizer)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 0.99), st.integers(1, 8))
def test_momentum_as_it_is_written_down(seed: int, momentum: float, steps: int) -> None:
    gradients = np.random.default_rng(seed).normal(size=(steps, 5))
    found, expected, velocity, ctx = np.ones(5), np.ones(5), np.zeros(5), vector_context(5)
    for gradient in gradients:
        GradientDescent(0.1, momentum=momentum).update(found, gradient, ctx)
        velocity = momentum * velocity + gradient
        expected = expected - 0.1 * velocity
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


def test_without_momentum_nothing_is_remembered() -> None:
    ctx = vector_context(3)
    GradientDescent(0.1).update(np.ones(3), np.ones(3), ctx)
    assert ctx.arrays() == []


def test_a_vector_of_many_blocks_is_moved_to_its_end() -> None:
    size = 200_001
    parameters, gradient = np.zeros(size), np.arange(size, dtype=float)
    GradientDescent(0.1).update(parameters, gradient, vector_context(size))
    np.testing.assert_array_equal(parameters, -(0.1 * gradient))


def test_nesterov_needs_momentum() -> None:
    with pytest.raises(ArgumentError, match=r"nesterov needs a momentum above 0.*momentum=0\.9"):
        GradientDescent(0.1, nesterov=True)


@pytest.mark.parametrize("argument", [{"momentum": 1.0}, {"momentum": -0.1}, {"nesterov": "yes"}])
def test_arguments_out_of_range(argument: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"GradientDescent: {next(iter(argument))}"):
        GradientDescent(0.1, **argument)
