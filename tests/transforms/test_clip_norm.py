from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerkit import ClipNorm, GradientDescent
from layerkit.errors import ArgumentError
from tests.reference.updates import assert_updates, vector_context
from tests.reference.values import reference


def test_it_is_pytorchs() -> None:
    assert_updates("clipped", GradientDescent(0.1), ClipNorm(1.5))


def test_in_pytorchs_steps_it_acts_on_the_last_alone() -> None:
    values = reference("optimizers")
    same = [
        np.allclose(values["clipped/weight"][step], values["gradient_descent/weight"][step], atol=1e-7)
        for step in range(10)
    ]
    assert same == [True] * 7 + [False] * 3


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8), st.floats(1e-3, 1e3))
def test_a_clipped_gradient_keeps_its_direction_and_is_never_longer_than_the_limit(
    values: list[float], limit: float
) -> None:
    gradient = np.array(values)
    given_norm = np.linalg.norm(gradient)
    before = gradient.copy()
    ClipNorm(limit).before(np.zeros_like(gradient), gradient, vector_context(gradient.size))
    assert np.linalg.norm(gradient) <= limit * (1 + 1e-9) or given_norm <= limit
    factor = min(1.0, limit / given_norm) if given_norm else 1.0
    np.testing.assert_allclose(gradient, factor * before, rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize("size", [1e20, 1e30, 3e38])
def test_a_gradient_whose_square_overflows(size: float) -> None:
    gradient = np.array([size, -size, 0.0], np.float32)
    with np.errstate(over="ignore"):
        ClipNorm(1.0).before(np.zeros(3, np.float32), gradient, vector_context(3, dtype="float32"))
    np.testing.assert_allclose(gradient, [0.5**0.5, -(0.5**0.5), 0.0], rtol=1e-5)


def test_parameters_are_left_alone() -> None:
    parameters = np.ones(2)
    parameters.flags.writeable = False
    gradient, ctx = np.array([3.0, 4.0]), vector_context(2)
    ClipNorm(1.0).before(parameters, gradient, ctx)
    ClipNorm(1.0).after(parameters, ctx)
    np.testing.assert_allclose(gradient, [0.6, 0.8])


@pytest.mark.parametrize("limit", [0.0, -1.0, float("inf")])
def test_limits_that_are_refused(limit: float) -> None:
    with pytest.raises(ArgumentError, match="ClipNorm: limit must be a finite number above 0"):
        ClipNorm(limit)
