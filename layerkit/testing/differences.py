"""Derivatives by central differences, and where a function has none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from types import EllipsisType
from typing import NamedTuple, TypeAlias, final

import numpy as np

from layerkit.types import Array

STEP = 1e-4
_SHRINK = 8
_STEPS = (STEP, STEP / _SHRINK, STEP / _SHRINK**2)
DISTANCES = (0.0, *(side * step for step in _STEPS for side in (-1.0, -0.5, 0.5, 1.0)))
"""All the places at which ``derivative`` may ask for a value."""
_ALL_PLACES = 24
_SOME_PLACES = 12
_DIRECTIONS = 2
_DIRECTION = "along a random direction"
_TOLERANCE = 1e-6
_KINK = 5e-7
_SAME_SIDES = 2e-5
_AGREE = 1e-3
_NOISE = 1e3 * float(np.finfo(np.float64).eps)

Along: TypeAlias = Callable[[float], float]
Place: TypeAlias = "tuple[int, ...] | EllipsisType"
"""One place of an array, or all of it."""


class Slope(NamedTuple):
    """A derivative, and by how much rounding may have it wrong."""

    value: float
    noise: float

    def agrees_with(self, other: Slope) -> bool:
        """Whether two estimates may be of one derivative."""
        apart = abs(self.value - other.value)
        return apart <= _AGREE * max(abs(self.value), abs(other.value)) + self.noise + other.noise


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


def derivative(value: Along, *, size: float) -> Slope | None:
    """d value(t) / dt at t = 0, in float64; None where the function has a kink there.

    ``size`` is that of the terms that value adds up. A curve that is too steep for a step, or a kink beside the place,
    is nothing against a step that is short enough, so shorter ones are tried where the first one does not do.
    """
    middle = value(0.0)
    tried: list[_Values] = []
    for step in _STEPS:
        around = _Values(step, value(-step), value(-step / 2), middle, value(step / 2), value(step))
        smooth = around.smooth(_NOISE * size / step)
        if smooth is not None:
            return smooth
        tried.append(around)
    sides = [around.from_both_sides(4 * _NOISE * size / around.step) for around in tried]
    for slope, nearer in pairwise(sides):
        # at a jump both sides look alike too, and grow as the step shrinks
        if slope is not None and nearer is not None and slope.agrees_with(nearer):
            # beside a pole they agree roughly, and how far they are apart is how far they may be off
            return Slope(slope.value, slope.noise + 2 * abs(slope.value - nearer.value))
    return None


class _Values(NamedTuple):
    """A function's values at a place and on both sides of it, a step and half a step away."""

    step: float
    left: float
    near_left: float
    middle: float
    near_right: float
    right: float

    def smooth(self, noise: float) -> Slope | None:
        """The slope, if both central estimates agree up to h², and the bend (the difference of the slopes on both
        sides) halves with the step, as they do for a smooth function."""
        step = self.step
        coarse = (self.right - self.left) / (2 * step)
        fine = (self.near_right - self.near_left) / step
        bend = (self.right - 2 * self.middle + self.left) / step
        near_bend = (self.near_right - 2 * self.middle + self.near_left) / (step / 2)
        limit = _KINK * max(abs(fine), abs(coarse)) + noise
        if abs(coarse - fine) <= limit and abs(bend - 2 * near_bend) <= limit:
            return Slope((4 * fine - coarse) / 3, noise)
        return None

    def from_both_sides(self, noise: float) -> Slope | None:
        """The slope, if those of both sides agree, each with what falls with the step taken off: they do where only
        the second derivative jumps, and never at a kink."""
        step = self.step
        ahead = (4 * self.near_right - 3 * self.middle - self.right) / step
        behind = (3 * self.middle - 4 * self.near_left + self.left) / step
        apart = abs(ahead - behind)
        if apart <= _SAME_SIDES * max(abs(ahead), abs(behind)) * step / STEP + noise:
            return Slope((ahead + behind) / 2, noise + apart)
        return None


def compare(
    value: Callable[[], float], point: Array, gradient: Array, rng: np.random.Generator, *, size: float
) -> Mismatch | None:
    """Whether ``gradient`` is that of ``value()`` with respect to ``point``, which is changed in place and put back.

    Some places are tried one by one, and all together along random directions. Places at a kink are left out;
    when most are, the function is not differentiable at all, and that is a mismatch too.
    """
    found, tried = slopes(value, point, gradient, rng, size=size)
    if not tried:
        return None
    if 2 * len(found) < tried:
        return Mismatch("at most places the output jumps or bends sharply", np.nan, np.nan, tried, tried)
    return worst(found)


def slopes(
    value: Callable[[], float], point: Array, gradient: Array, rng: np.random.Generator, *, size: float
) -> tuple[list[tuple[str, float, Slope]], int]:
    """For each place that is tried and has a derivative, what the gradient says there and what the slope is; and how
    many were tried."""
    found, tried = [], 0
    middle = value()
    for name, moving, direction in _directions(point.shape, rng):
        tried += 1
        slope = derivative(_along(value, point, moving, direction, middle), size=size)
        if slope is not None:
            found.append((name, float(np.sum(gradient[moving] * direction)), slope))
    return found, tried


def worst(found: list[tuple[str, float, Slope]]) -> Mismatch | None:
    """The place where a gradient and the slope disagree most; None where they agree everywhere."""
    largest = max((abs(slope.value) for _, _, slope in found), default=0.0)
    wrong = [
        (abs(given - slope.value), place, given, slope.value)
        for place, given, slope in found
        if not abs(given - slope.value) <= _TOLERANCE * max(abs(slope.value), 0.01 * largest) + slope.noise
    ]
    if not wrong:
        return None
    # a place says more than a direction
    told = [entry for entry in wrong if entry[1] != _DIRECTION] or wrong
    _, place, given, wanted = max(told, key=lambda entry: entry[0] if entry[0] == entry[0] else np.inf)
    return Mismatch(place, given, wanted, len(wrong), len(found))


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


def _along(value: Callable[[], float], point: Array, place: Place, direction: Array, middle: float) -> Along:
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
