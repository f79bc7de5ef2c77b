"""Kinks: left out where derivatives are compared, and found where they are looked for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from layerkit.testing.differences import compare
from layerkit.testing.kinks import kinks_of
from layerkit.types import Array


@pytest.mark.parametrize(("kinks", "smooth"), [(2, 8), (3, 7), (9, 1)])
def test_places_at_a_kink_are_left_out_unless_they_are_most(kinks: int, smooth: int) -> None:
    point = np.array([0.0] * kinks + [1.0] * smooth)
    gradient = np.sign(point)
    told = compare(lambda: float(np.abs(point).sum()), point, gradient, np.random.default_rng(0), size=10.0)
    if kinks < smooth:
        assert told is None
    else:
        assert told is not None
        assert "at most places the output jumps or bends sharply" in str(told)
    np.testing.assert_array_equal(point, [0.0] * kinks + [1.0] * smooth)


SMOOTH: dict[str, Callable[[Array], Array]] = {
    "steep": lambda z: np.tanh(50 * z),
    "very steep, beside the grid": lambda z: np.tanh(1e5 * (z - 0.1234567)),
    "fast": lambda z: np.sin(1000 * z),
    "bent once": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "bent, on both sides": lambda z: z / (1 + np.abs(z)),
    "bent without a slope": lambda z: z * np.abs(z),
    "infinitely bent": lambda z: np.abs(z) ** 1.5,
    "nearly a kink": lambda z: np.sqrt(z * z + 1e-10),
    "sharp": lambda z: np.maximum(z, 0) + np.log1p(np.exp(-1e4 * np.abs(z))) / 1e4,
    "growing": np.exp,
    "rounded": lambda z: z * (0.5 * np.tanh(0.5 * z) + 0.5),
    "large": lambda z: 1e6 * np.tanh(z),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_a_smooth_function_has_no_kinks_however_steep_or_bent(name: str) -> None:
    assert kinks_of(SMOOTH[name]) == []


@pytest.mark.parametrize(
    ("function", "places", "told"),
    [
        (lambda z: np.maximum(z, 0), [0.0], "at 0 the slope goes from 0 to 1"),
        (lambda z: np.maximum(z, 0.999 * z), [0.0], "from 0.999 to 1"),
        (lambda z: np.tanh(z) + 0.02 * np.maximum(z - 0.337, 0), [0.337], "at 0.337"),
        (lambda z: np.maximum(z, np.pi), [np.pi], "at 3.14159"),
        (lambda z: np.clip(z, -100.3, 20), [20.0, -100.3], "at 20 the slope goes from 1 to 0"),
        (lambda z: (z > 0.3) * 1.0, [0.3], "at 0.3 the output jumps"),
    ],
)
def test_kinks_are_found_where_they_are(function: Callable[[Array], Array], places: list[float], told: str) -> None:
    found = kinks_of(function)
    assert [kink.place for kink in found] == pytest.approx(places, abs=1e-5)
    assert told in str(found[0])
