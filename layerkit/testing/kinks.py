"""Where a function of one number has no derivative: found by looking closer and closer at where its slope changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np

from layerkit.types import Array

_FINE = np.arange(-12, 12, 0.01)
_COARSE = np.arange(12, 128, 0.25)
_GRID = np.concatenate([-_COARSE[::-1], _FINE, _COARSE])
_CANDIDATES = 24
_CELLS = 32
_LOOKS = 5
_SAME = 0.9
_SMALLEST = 1e-5
_NEAR = 1e-6
_UNITS = 50 * float(np.finfo(np.float64).eps)


@final
@dataclass(frozen=True, slots=True)
class Kink:
    """A place without a derivative, and the slopes on both sides of it."""

    place: float
    left: float
    right: float
    jumps: bool
    """Whether the function itself jumps there, or is infinitely steep."""

    def __str__(self) -> str:
        if self.jumps:
            return f"at {self.place:.6g} the output jumps"
        return f"at {self.place:.6g} the slope goes from {self.left:.6g} to {self.right:.6g}"


def kinks_of(function: Callable[[Array], Array]) -> list[Kink]:
    """The kinks between −128 and 128, as far as they are no nearer to one another than a hundredth.

    ``function`` gives values for an array of places. Where it is smooth, the change of the slope from one cell of a
    grid to the next but one shrinks as the cells do, however steep it is; at a kink it stays.
    """
    changes = _changes(_GRID, function(_GRID))[1]
    # where a change stands out from those around it: the others are those of a bent curve
    around = (np.roll(changes, 3) + np.roll(changes, -3)) / 2
    ranked = np.argsort(np.nan_to_num(np.abs(changes - around), nan=0.0))[::-1]
    chosen: list[int] = []
    for place in ranked:
        if len(chosen) == _CANDIDATES:
            break
        if all(abs(place - other) > 2 for other in chosen):
            chosen.append(int(place))
    low, high = _GRID[chosen], _GRID[[place + 3 for place in chosen]]
    before = np.zeros(len(chosen))
    change = left = right = values = cell = before
    for _ in range(_LOOKS):
        before = change
        cells = np.linspace(low, high, _CELLS + 1, axis=-1)
        values = function(cells)
        slopes, every = _changes(cells, values)
        usual = np.median(every, axis=-1, keepdims=True)
        at = np.nan_to_num(np.abs(every - usual)).argmax(axis=-1)[:, None]
        left, right, change, low, high = (
            np.take_along_axis(array, at + shift, axis=-1)[:, 0]
            for array, shift in ((slopes, 0), (slopes, 2), (every, 0), (cells, 0), (cells, 3))
        )
        cell = (high - low) / 3
    change, before = np.abs(change), np.abs(before)
    size = np.maximum(1, np.maximum(np.abs(left), np.abs(right)))
    rounding = _UNITS * np.maximum(np.abs(values).max(axis=-1), np.abs(low)) / cell
    there = (change > _SAME * before) & (change > _SMALLEST * size + rounding)
    return sorted(
        (
            Kink(_plain(float(low[k] + high[k]) / 2), float(left[k]), float(right[k]), bool(change[k] > 2 * before[k]))
            for k in np.flatnonzero(there)
        ),
        key=lambda kink: abs(kink.place),
    )


def _plain(place: float) -> float:
    """A number of few digits, if one is as near as can be told."""
    plain = round(place, 4) + 0.0
    return plain if abs(plain - place) < _NEAR * max(1.0, abs(place)) else place


def _changes(places: Array, values: Array) -> tuple[Array, Array]:
    """The slopes of all cells, and how much each differs from the next but one."""
    with np.errstate(all="ignore"):
        slopes = np.diff(values, axis=-1) / np.diff(places, axis=-1)
        return slopes, slopes[..., 2:] - slopes[..., :-2]
