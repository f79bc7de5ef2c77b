"""Central differences: exact enough to see an error of one part in a million, and silent at kinks."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from layerkit.testing.differences import compare, derivative


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (math.exp, 1.0),
        (lambda t: math.sin(5 * t + 1), 5 * math.cos(1)),
        (lambda t: 1e3 + t, 1.0),
        (lambda t: (t - 2) ** 3, 12.0),
        (lambda t: 7.0, 0.0),
    ],
)
def test_the_derivative_of_a_smooth_function(function: Callable[[float], float], slope: float) -> None:
    found = derivative(function, size=abs(function(0.0)))
    assert found is not None
    assert found.value == pytest.approx(slope, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("place", [0.0, 5e-7, -5e-7])
def test_a_kink_gives_none(place: float) -> None:
    assert derivative(lambda t: abs(t - place), size=1.0) is None


@pytest.mark.parametrize("place", [0.01, 3e-5, 7e-5])
def test_a_kink_beside_the_place_does_not_matter(place: float) -> None:
    found = derivative(lambda t: abs(t - place), size=1.0)
    assert found is not None
    assert found.value == pytest.approx(-1, rel=1e-6)


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (lambda t: t if t > 0 else math.expm1(t), 1.0),
        (lambda t: t / (1 + abs(t)), 1.0),
        (lambda t: max(t, 0.0) ** 2, 0.0),
        (lambda t: t * abs(t), 0.0),
        (lambda t: math.copysign(math.log1p(abs(t)), t), 1.0),
        (lambda t: math.tanh(50 * t), 50.0),
        (lambda t: math.tanh(1000 * t + 0.3), 1000 / math.cosh(0.3) ** 2),
    ],
)
def test_where_only_the_second_derivative_jumps_or_a_curve_is_steep_there_is_a_derivative(
    function: Callable[[float], float], slope: float
) -> None:
    found = derivative(function, size=1.0)
    assert found is not None
    assert found.value == pytest.approx(slope, rel=1e-5, abs=1e-5)


def test_beside_a_pole_the_derivative_is_as_exact_as_is_said() -> None:
    for place in (0.1, 0.01, 0.003, 0.002, 0.001):
        found = derivative(lambda t, place=place: 1 / (place + t), size=1 / place)  # type: ignore[misc]
        if found is not None:
            assert abs(found.value + place**-2) <= 1e-6 * place**-2 + found.noise


@pytest.mark.parametrize("bend", [0.5, 1e-3])
def test_a_small_kink_is_one_too(bend: float) -> None:
    assert derivative(lambda t: math.sin(t + 1) + bend * max(t, 0.0), size=1.0) is None


def test_a_jump_gives_none() -> None:
    assert derivative(lambda t: float(t > 0), size=1.0) is None
    assert derivative(lambda t: t / (abs(t) + 1e-12), size=1.0) is None


@pytest.mark.parametrize("error", [1e-4, -1e-4, 1.0])
def test_a_gradient_that_is_wrong_in_one_place_is_found(error: float) -> None:
    point = np.random.default_rng(0).normal(size=(3, 4))
    right = np.cos(point)

    def value() -> float:
        return float(np.sin(point).sum())

    assert compare(value, point, right, np.random.default_rng(1), size=12) is None
    wrong = right.copy()
    wrong[1, 2] += error
    told = compare(value, point, wrong, np.random.default_rng(1), size=12)
    assert told is not None
    assert "central differences give" in str(told)


def test_an_error_in_a_place_that_is_not_tried_alone_shows_along_random_directions() -> None:
    point = np.random.default_rng(2).normal(size=1000)
    gradient = 2 * point
    gradient[777] *= 2
    assert compare(lambda: float(point @ point), point, gradient, np.random.default_rng(3), size=1000) is not None


def test_the_point_is_put_back() -> None:
    point = np.arange(4.0)
    compare(lambda: float(point @ point), point, 2 * point.copy(), np.random.default_rng(4), size=14)
    assert point.tolist() == [0, 1, 2, 3]


def test_a_function_that_jumps_everywhere_is_a_mismatch() -> None:
    point = np.zeros(5)
    told = compare(lambda: float((point > 0).sum()), point, np.zeros(5), np.random.default_rng(5), size=5)
    assert told is not None
    assert "jumps" in str(told)
