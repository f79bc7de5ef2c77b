"""An elementwise activation's slopes: its derivative, its backward pass and its kinks, at places of every kind."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from layerkit.testing.differences import DISTANCES, STEP, derivative
from layerkit.testing.inputs import read_only
from layerkit.testing.kinks import Kink, kinks_of
from layerkit.testing.rigs.activation_rig import activation_of, activation_rig, elementwise_of, values_at
from layerkit.testing.rigs.layer_rig import LayerRig
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import Unmet
from layerkit.types import Array

_SIZES = (1e-3, 0.3, 0.5, 0.7, *range(1, 11), 1.5, 2.5, 3.1, 6.4, 7.7, 8.6, 12.3, 15, 20, 30.4, 50, 80, 100)
_PLACES = np.array([0.0, *_SIZES, *(-size for size in _SIZES)])
_CLOSE = 1e-5
_SINGLE = 1e-6
"""Of a number, how much is lost where it is rounded to float32 on the way."""
_SCALED = 0.05
"""An activation rounds a few times at each place, and adds up nothing."""
_NEAREST = min(distance for distance in DISTANCES if distance > 0)


@told_by("keeps-shape", "elementwise")
def declared_kinks(subject: Subject) -> None:
    """An elementwise activation has a derivative everywhere but at the kinks that it declares."""
    activation = elementwise_of(subject)
    rig = activation_rig(subject)
    found = _undeclared(rig, activation.kinks)
    if found and rig.structure.entries:
        # a kink that moves with what is learned has no place that could be declared
        rig.structure.parameters *= 1.37
        again = [kink.place for kink in _undeclared(rig, activation.kinks)]
        found = [kink for kink in found if any(_same_place(kink.place, place) for place in again)]
    if found:
        places = ", ".join(f"{kink.place:.4g}" for kink in found)
        raise Unmet(
            str(found[0]),
            expected=f"a derivative everywhere but at the declared kinks, {activation.kinks}",
            cause=f"kinks lack what was found here ({places}), or the formula has a gap there: compare its branches "
            "at their ends",
        )


@told_by("keeps-shape", "elementwise", "declared-kinks")
def derivative_matches(subject: Subject) -> None:
    """An elementwise activation's derivative agrees with differences at 0, whole numbers, small and large ones."""
    activation = elementwise_of(subject)
    rig = activation_rig(subject)
    kinks = np.array(activation.kinks, np.float64)
    drawn = generator(15).uniform(-30, 30, 24)
    smooth = np.concatenate([_PLACES, drawn, drawn / 6])
    places = np.concatenate([smooth[[not np.any(_close(place, kinks)) for place in smooth]], kinks])
    given = activation_of(rig).derivative(read_only(places[:, None]))
    if given.shape != (len(places), 1):
        raise Unmet(
            f"derivative of an array of shape {(len(places), 1)} has shape {given.shape}",
            expected="the same shape",
            cause="derivative reduces an axis",
        )
    narrow: Any = activation_of(rig).derivative(read_only(places[:, None].astype(np.float32)))
    if narrow.dtype != np.float32:
        raise Unmet(
            f"derivative of an array of float32 is one of {narrow.dtype}",
            expected="float32: what float64 is multiplied with becomes float64, and a step twice as slow",
            cause="np.where(z > 0, 1.0, 0.1) is float64, and z > 0 is bool: add .astype(z.dtype)",
        )
    # one pass for all places, and all that is around them
    values = values_at(rig, places[:, None] + np.array(DISTANCES))
    for place, found, row in zip(places.tolist(), given[:, 0].tolist(), values.tolist(), strict=True):
        value = dict(zip(DISTANCES, row, strict=True)).__getitem__
        if np.any(_close(place, kinks)):
            _require_between(place, found, value)
            continue
        size = max(1.0, abs(place), abs(value(0.0)))
        wanted = derivative(value, size=_SCALED * size)
        # where there is no derivative, a kink is told by its own check
        right = math.isfinite(found) if wanted is None else _equal(found, wanted.value, wanted.noise)
        if not right and not (wanted is None and _steep(value)):
            raise Unmet(
                f"derivative({place:g}) is {found:.9g}",
                expected="a finite number" if wanted is None else f"{wanted.value:.9g}, the slope of forward there",
                cause="the formula of the derivative: its sign, a factor, the output used in the place of the input, a "
                "division by what is 0 here, or a branch that begins at the wrong place",
            )


@told_by("keeps-shape", "elementwise", "declared-kinks", "derivative-matches")
def backward_matches_derivative(subject: Subject) -> None:
    """An elementwise activation's backward is grad · derivative(z), also far out, at 0 and at whole numbers."""
    kinks = np.array(elementwise_of(subject).kinks, np.float64)
    rig = activation_rig(subject, (5,))
    special = np.where([np.any(_close(place, kinks)) for place in _PLACES], 0.123, _PLACES)
    x = read_only(np.concatenate([rig.inputs(), np.resize(special, (len(special) // 5 + 1, 5))]))
    # where training draws, its slopes are not those of inference
    for training in (False,) if rig.stochastic else (True, False):
        grad = rig.upstream(x, training=training)
        found = rig.tree(training=training).step(x, grad).input_gradient
        wanted = grad * activation_of(rig).derivative(x)
        apart = np.argwhere(~(np.abs(found - wanted) <= 1e-9 * np.maximum(np.maximum(1, np.abs(x)), np.abs(wanted))))
        if len(apart):
            place = tuple(int(axis) for axis in apart[0])
            raise Unmet(
                f"backward gives {found[place]:.9g} instead of {wanted[place]:.9g}, where z is {x[place]:g}"
                + ("" if training else ", after an inference pass"),
                expected="grad · derivative(z)",
                cause="what forward keeps for backward is rounded to float32 (astype, a scratch of that dtype)"
                if abs(found[place] - wanted[place]) < _SINGLE * abs(wanted[place])
                else "backward and derivative follow different formulas; one of the two is wrong",
            )


def _undeclared(rig: LayerRig, declared: tuple[float, ...]) -> list[Kink]:
    found = kinks_of(lambda places: values_at(rig, places))
    return [kink for kink in found if not any(_same_place(kink.place, place) for place in declared)]


def _same_place(one: float, other: float) -> bool:
    return abs(one - other) <= 10 * _CLOSE * max(1.0, abs(other))


def _close(place: float, kinks: Array) -> Array:
    return np.abs(kinks - place) <= 10 * _CLOSE * np.maximum(1.0, np.abs(kinks))


def _equal(found: float, wanted: float, noise: float) -> bool:
    return abs(found - wanted) <= 1e-6 * abs(wanted) + noise


def _sides(value: Callable[[float], float], step: float) -> tuple[float, float]:
    """The slopes on the left and on the right, neither of which takes the place itself."""
    return (value(-step / 2) - value(-step)) / (step / 2), (value(step) - value(step / 2)) / (step / 2)


def _steep(value: Callable[[float], float]) -> bool:
    """Whether the slopes on either side grow as one comes nearer."""
    wide, narrow = (max(map(abs, _sides(value, step))) for step in (STEP, 2 * _NEAREST))
    return narrow > 2 * wide + 1


def _require_between(place: float, found: float, value: Callable[[float], float]) -> None:
    """At a kink, the derivative is that of the left, of the right, or something between."""
    left, right = _sides(value, 2 * _NEAREST)
    slack = 1e-4 * max(1.0, abs(left), abs(right))
    if _steep(value) and math.isfinite(found):
        return
    if not min(left, right) - slack <= found <= max(left, right) + slack:
        raise Unmet(
            f"derivative({place:g}) is {found:.9g}, at a declared kink with slopes of {left:.4g} and {right:.4g}",
            expected="one of both slopes, or a number between them",
            cause="no branch of the derivative takes the kink itself (< and > leave out =), or it is 0 / 0 there",
        )


SLOPES = suite(declared_kinks, derivative_matches, backward_matches_derivative)
