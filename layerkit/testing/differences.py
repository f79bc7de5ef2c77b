"""Derivatives by central differences, and where a function has none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import EllipsisType
from typing import TypeAlias, final

import numpy as np

from layerkit.types import Array

STEP = 1e-4
_ALL_PLACES = 24
_SOME_PLACES = 12
_DIRECTIONS = 2
_DIRECTION = "along a random direction"
_TOLERANCE = 1e-6
_KINK = 5e-7
_ROUNDING = 1e3 * float(np.finfo(np.float64).eps) / STEP

Place: TypeAlias = "tuple[int, ...] | EllipsisType"
"""One place of an array, or all of it."""


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

    Some places are tried one by one, and all together along random directions. Places next to a kink are left
    out; when most are, the function is not differentiable at all, and that is a mismatch too.
    """
    tried, estimates = [], []
    middle = value()
    for name, moving, direction in _directions(point.shape, rng):
        estimate = derivative(_along(value, point, moving, direction, middle), size=size)
        if estimate is not None:
            estimates.append((name, float(np.sum(gradient[moving] * direction)), estimate))
        tried.append(name)
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
    # a place says more than a direction
    told = [entry for entry in wrong if entry[1] != _DIRECTION] or wrong
    _, place, found, wanted = max(told, key=lambda entry: entry[0] if entry[0] == entry[0] else np.inf)
    return Mismatch(place, found, wanted, len(wrong), len(estimates))


def _directions(shape: tuple[int, ...], rng: np.random.Generator) -> Iterator[tuple[str, Place, Array]]:
    """Where the derivatives are tried, and how far each place there moves."""
    size = int(np.prod(shape))
    if size == 0:
        return
    # in a large array the directions find what is wrong, and a few places suffice to say where
    count = size if size <= _ALL_PLACES else _SOME_PLACES
    for flat in np.sort(rng.choice(size, count, replace=False, shuffle=False)):
        place = tuple(int(axis) for axis in np.unravel_index(flat, shape))
        yield f"at {place}", place, np.ones(())
    for _ in range(_DIRECTIONS):
        direction = rng.uniform(-1, 1, size)
        yield _DIRECTION, ..., (direction / np.linalg.norm(direction)).reshape(shape)


def _along(
    value: Callable[[], float], point: Array, place: Place, direction: Array, middle: float
) -> Callable[[float], float]:
    # one place of many is moved alone: the others need not be written again
    start = point[place].copy()

    def moved(distance: float) -> float:
        if distance == 0:
            return middle
        point[place] = start + distance * direction
        try:
            return value()
        finally:
            point[place] = start

    return moved
