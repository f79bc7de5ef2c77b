"""A cost along lines of predictions: what its gradient says of a change is what changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from layerkit.interfaces.cost import Cost
from layerkit.testing.case import Case
from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.predictions import cost_and_gradient, draw_pair, shapes
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import Unmet
from layerkit.types import Array

_PARTS = 64
_HALVINGS = 14
_MORE_HALVINGS = 36
_STEEP = 100.0
"""How many times the slope at one end may be that at the other where a short part is not cut any further."""
_REACH = 24.0
"""How far a prediction may be from its target where any is allowed; a threshold of 10 is a usual one."""
_WITHIN = 0.02
"""Of the range of predictions, how much stays off at both ends, where a logarithm may have no end."""
_NOISE = 1e-10
_OFF = 1e-3


class _Ends(NamedTuple):
    """Costs and slopes at both ends of a part of a line, and how long it is."""

    width: float
    costs: tuple[float, float]
    slopes: tuple[float, float]

    @property
    def surplus(self) -> float:
        """By how much the cost changes more, or less, than any slope between those of the ends would have it."""
        change = self.costs[1] - self.costs[0]
        off = abs(change - self.width * (self.slopes[0] + self.slopes[1]) / 2)
        rounding = _NOISE * max(1.0, *map(abs, self.costs))
        surplus = off - self.width * abs(self.slopes[1] - self.slopes[0]) - rounding
        return surplus if np.isfinite(surplus) else -np.inf

    @property
    def steep(self) -> bool:
        """Whether the curve turns so much between the ends, as a logarithm does near 0, that little is known of it."""
        least, most = sorted(map(abs, self.slopes))
        return most > _STEEP * max(least, 1.0)


@told_by(
    "one-cost-per-example",
    "gradient-shape-and-dtype",
    "full-precision",
    "examples-independent",
    "gradient-matches",
    "many-rows",
    "minimum-reached",
    "finite-at-the-ends",
    "special-places",
    "large-predictions",
)
def gradient_adds_up(subject: Subject) -> None:
    """Along lines of predictions, near a target and far from it, the cost changes by what the gradient says."""
    for shape in shapes(subject.case):
        cost: Cost = subject.make()
        start, end, target = _lines(cost, subject.case, shape)
        places = np.linspace(0, 1, _PARTS + 1)
        costs, slopes = _along(cost, start, end, target, places)
        for row in range(len(start)):
            ends = [
                _Ends(1 / _PARTS, tuple(costs[k : k + 2, row].tolist()), tuple(slopes[k : k + 2, row].tolist()))
                for k in range(_PARTS)
            ]
            worst = max(range(_PARTS), key=lambda k, ends=ends: ends[k].surplus)  # type: ignore[misc]
            if ends[worst].surplus <= 0:
                continue

            one = slice(row, row + 1)
            line = partial(_along, cost, start[one], end[one], target[one])
            _require_no_surplus(line, float(places[worst]), ends[worst], start[row], end[row], target[row])


def _require_no_surplus(
    line: Callable[[Array], tuple[Array, Array]], left: float, ends: _Ends, start: Array, end: Array, target: Array
) -> None:
    """Look closer, in the half that is off by more, until it is a smooth curve after all, or a fault beyond doubt."""
    for halving in range(_MORE_HALVINGS):
        if halving >= _HALVINGS and not ends.steep:
            break
        half = ends.width / 2
        cost, slope = (float(found.item()) for found in line(np.array([left + half])))
        first = _Ends(half, (ends.costs[0], cost), (ends.slopes[0], slope))
        second = _Ends(half, (cost, ends.costs[1]), (slope, ends.slopes[1]))
        left, ends = (left, first) if first.surplus >= second.surplus else (left + half, second)
    change, said = ends.costs[1] - ends.costs[0], ends.width * (ends.slopes[0] + ends.slopes[1]) / 2
    if ends.surplus <= _OFF * max(abs(change), abs(said)):
        return
    jumps = abs(change) > 100 * max(ends.width * max(map(abs, ends.slopes)), _NOISE)
    place = start + left * (end - start)
    raise Unmet(
        f"where the first prediction of a row is {place.flat[0]:.6g}, and its target {target.flat[0]:.6g}, the cost "
        + (f"jumps by {change:.6g}" if jumps else f"changes by {change:.6g} where its gradient says {said:.6g}"),
        expected="a cost that changes by what its gradient says: training goes by the gradient, and people by the cost",
        cause="the branches of the cost do not meet at their ends: a constant is missing, or has the wrong sign"
        if jumps
        else "a branch of the gradient is not that of the cost, or begins at another place",
    )


def _along(cost: Cost, start: Array, end: Array, target: Array, places: Array) -> tuple[Array, Array]:
    """Costs and slopes, ``(places, rows)``, on the way from each row's start to its end."""
    way = end - start
    spread = places.reshape(-1, *[1] * start.ndim)
    points = (start + spread * way).reshape(-1, *start.shape[1:])
    targets = np.concatenate([target] * len(places))
    costs, gradient = cost_and_gradient(cost, read_only(points), read_only(targets))
    shape = (len(places), len(start))
    slopes = (gradient.reshape(*shape, -1) * way.reshape(len(start), -1)).sum(axis=-1)
    return costs.reshape(shape), slopes


def _lines(cost: Cost, case: Case, shape: tuple[int, ...]) -> tuple[Array, Array, Array]:
    """Where each row's line begins and ends, and its target."""
    prediction, target = draw_pair(cost, case, shape, seed=132)
    low, high = case.prediction_range
    if case.prediction_range != Case().prediction_range:
        slack = _WITHIN * (high - low)
        rng = generator(133)
        start, end = (rng.uniform(low + slack, high - slack, prediction.shape) for _ in range(2))
        return start, end, target
    # some predictions rise while others fall, for softmax stays the same where all rise
    way = _REACH * generator(133).uniform(-1, 1, prediction.shape)
    return prediction - way, prediction + way, target
