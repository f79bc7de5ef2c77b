"""Derivatives by central differences, and where a function has none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import final

import numpy as np

from layerkit.types import Array

STEP = 1e-4
_PLACES = 24
_DIRECTIONS = 2
_TOLERANCE = 1e-6
_KINK = 5e-7
_ROUNDING = 1e3 * float(np.finfo(np.float64).eps) / STEP


@final
@dataclass(frozen=True, slots=True)
class Mismatch:
    """The worst disagreement between a gradient and central differences."""

    place: str
    found: float
    wanted: float
    wrong: int
    tried: int

    def __str__(self) -> str:
        return (
            f"{self.found:.9g} where central differences give {self.wanted:.9g}, {self.place}; "
            f"{self.wrong} of {self.tried} derivatives disagree"
        )


def derivative(value: Callable[[float], float], *, size: float) -> float | None:
    """d value(t) / dt at t = 0, in float64; None where the function has a kink nearer than the step.

    Two steps are taken. For a smooth function both estimates agree up to h², and the bend (the difference of the slopes
    on both sides) halves with the step; at a kink they do not. ``size`` is that of the terms that value adds up.
    """
    middle = value(0.0)
    right, left = value(STEP), value(-STEP)
    near_right, near_left = value(STEP / 2), value(-STEP / 2)
    coarse = (right - left) / (2 * STEP)
    fine = (near_right - near_left) / STEP
    bend = (right - 2 * middle + left) / STEP
    near_bend = (near_right - 2 * middle + near_left) / (STEP / 2)
    limit = _KINK * max(abs(fine), abs(coarse)) + _ROUNDING * size
    if not (abs(coarse - fine) <= limit and abs(bend - 2 * near_bend) <= limit):
        return None
    return (4 * fine - coarse) / 3


def compare(
    value: Callable[[], float], point: Array, gradient: Array, rng: np.random.Generator, *, size: float
) -> Mismatch | None:
    """Whether ``gradient`` is that of ``value()`` with respect to ``point``, which is changed in place and put back.

    A few dozen places are tried one by one, and all together along random directions. Places next to a kink are left
    out; when most are, the function is not differentiable at all, and that is a mismatch too.
    """
    tried, estimates = [], []
    for place, direction in _directions(point.shape, rng):
        estimate = derivative(_along(value, point, direction), size=size)
        if estimate is not None:
            estimates.append((place, float(np.sum(gradient * direction)), estimate))
        tried.append(place)
    if not tried:
        return None
    if 2 * len(estimates) < len(tried):
        return Mismatch("at most places the output jumps or bends sharply", np.nan, np.nan, len(tried), len(tried))
    largest = max(abs(wanted) for _, _, wanted in estimates)
    wrong = [
        (abs(found - wanted), place, found, wanted)
        for place, found, wanted in estimates
        if not abs(found - wanted) <= _TOLERANCE * max(abs(wanted), 0.01 * largest) + _ROUNDING * size
    ]
    if not wrong:
        return None
    _, place, found, wanted = max(wrong, key=lambda entry: entry[0] if entry[0] == entry[0] else np.inf)
    return Mismatch(place, found, wanted, len(wrong), len(estimates))


def _directions(shape: tuple[int, ...], rng: np.random.Generator) -> Iterator[tuple[str, Array]]:
    size = int(np.prod(shape))
    if size == 0:
        return
    for flat in np.sort(rng.permutation(size)[:_PLACES]):
        direction = np.zeros(size)
        direction[flat] = 1.0
        place = tuple(int(axis) for axis in np.unravel_index(flat, shape))
        yield f"at {place}", direction.reshape(shape)
    for _ in range(_DIRECTIONS):
        direction = rng.normal(size=size)
        yield "along a random direction", (direction / np.linalg.norm(direction)).reshape(shape)


def _along(value: Callable[[], float], point: Array, direction: Array) -> Callable[[float], float]:
    start = point.copy()

    def moved(distance: float) -> float:
        np.add(start, distance * direction, out=point)
        try:
            return value()
        finally:
            point[...] = start

    return moved
