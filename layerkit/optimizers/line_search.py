"""A step along a direction that fulfils the strong Wolfe conditions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

_DECREASE = 1e-4
_CURVATURE = 0.9
_WIDEN = 2.0
_MARGIN = 0.1


class Point(NamedTuple):
    """How far along the direction, and the cost and its slope there."""

    distance: float
    cost: float
    slope: float


Along: TypeAlias = Callable[[float], Point]


def wolfe_step(along: Along, start: Point, distance: float, *, evaluations: int, rounding: float) -> Point:
    """The first point found whose cost has fallen enough and whose slope is small enough; else the best one.

    φ(t) ≤ φ(0) + 10⁻⁴ t φ′(0) and |φ′(t)| ≤ 0.9 |φ′(0)|. ``start``: at distance 0, its slope below 0; ``distance``:
    where to look first; ``rounding``: by how much a cost may be off. Where nothing is lower, ``start`` comes back.

    Source: Nocedal and Wright, *Numerical optimization*, 2006, algorithms 3.5 and 3.6.
    """

    def too_high(point: Point) -> bool:
        return not point.cost <= start.cost + _DECREASE * point.distance * start.slope + rounding

    before = start
    for used in range(1, evaluations + 1):
        point = along(distance)
        if too_high(point) or (used > 1 and point.cost >= before.cost):
            return _between(along, before, point, start, too_high, evaluations - used)
        if abs(point.slope) <= -_CURVATURE * start.slope:
            return point
        if point.slope >= 0:
            return _between(along, point, before, start, too_high, evaluations - used)
        before, distance = point, _WIDEN * distance
    return before


def _between(
    along: Along, low: Point, high: Point, start: Point, too_high: Callable[[Point], bool], evaluations: int
) -> Point:
    """Narrow an interval that holds a good point; ``low`` is its end with the lower cost."""
    for _ in range(evaluations):
        point = along(_guess(low, high))
        if too_high(point) or point.cost >= low.cost:
            high = point
        else:
            if abs(point.slope) <= -_CURVATURE * start.slope:
                return point
            if point.slope * (high.distance - low.distance) >= 0:
                high = low
            low = point
        if low.distance == high.distance:
            break
    return low


def _guess(one: Point, other: Point) -> float:
    """The minimum of the cubic through both points and their slopes, kept away from either end."""
    left, right = sorted((one, other))
    width = right.distance - left.distance
    found = math.nan
    if all(map(math.isfinite, (*left, *right))) and width > 0:
        bend = left.slope + right.slope - 3 * (right.cost - left.cost) / width
        inside = bend * bend - left.slope * right.slope
        if inside >= 0:
            root = math.sqrt(inside)
            below = right.slope - left.slope + 2 * root
            if below:
                found = right.distance - width * (right.slope + root - bend) / below
    if not math.isfinite(found):
        return left.distance + width / 2
    return min(max(found, left.distance + _MARGIN * width), right.distance - _MARGIN * width)
