"""An elementwise activation's slope: that of forward, everywhere but at the kinks that it declares."""

from __future__ import annotations

import numpy as np

from layerkit.testing.differences import STEP, derivative
from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.activation_rig import activation_of, elementwise_of, rig_of
from layerkit.testing.rigs.layer_rig import LayerRig
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import Unmet
from layerkit.types import Array

_PLACES = (0.0, 1e-3, -1e-3, 1.0, -1.0, 20.0, -20.0, 0.3, -0.7, 2.5, -3.1, 6.0, -6.0)
_REACH = 30.0
_SCANNED = 4001
_PARTS = 64
_NEAR = 1e-3
_SHARP = 1e-3
_STAYS = 0.3


def derivative_matches(subject: Subject) -> None:
    """An elementwise activation's derivative is the slope of forward from −30 to 30, outside the declared kinks."""
    activation = elementwise_of(subject)
    rig = rig_of(subject, (1,))
    drawn = generator(15).uniform(-_REACH, _REACH, 48)
    places = np.concatenate([_PLACES, np.arange(-12.0, 13.0), drawn, drawn / 6])
    given = activation_of(rig).derivative(read_only(places[:, None]))
    if given.shape != (len(places), 1):
        raise Unmet(
            f"derivative of an array of shape {(len(places), 1)} has shape {given.shape}",
            expected="the same shape",
            cause="derivative reduces an axis",
        )
    for place, found in zip(places, given[:, 0], strict=True):
        if any(abs(place - kink) <= 2 * STEP for kink in activation.kinks):
            continue

        def value(distance: float, place: float = place) -> float:
            return _forward(rig, np.array([place + distance]))[0]

        size = max(1.0, abs(place), abs(value(0.0)))
        wanted = derivative(value, size=size)
        if wanted is None:
            # a kink is told by its own check, which knows where it is
            continue
        if not abs(found - wanted.value) <= 1e-6 * abs(wanted.value) + 1e-8 * size + wanted.noise:
            raise Unmet(
                f"derivative({place:g}) is {found:.9g}",
                expected=f"{wanted.value:.9g}, the slope of forward there",
                cause="the formula of the derivative: its sign, a factor, or the output used in the place of the input",
            )


def declared_kinks(subject: Subject) -> None:
    """Between −30 and 30 an elementwise activation has a derivative everywhere but at the kinks that it declares."""
    activation = elementwise_of(subject)
    rig = rig_of(subject, (1,))
    for place, before, after in _bends(rig):
        if not any(abs(place - kink) <= _NEAR * max(1.0, abs(kink)) for kink in activation.kinks):
            raise Unmet(
                f"at {place:.6g} the slope of the output goes from {before:.6g} to {after:.6g} at once",
                expected="a smooth function outside the declared kinks",
                cause=f"declare kinks = ({place:.4g},) if the kink is meant, or mend the formula near {place:.4g}",
            )


@told_by("derivative-matches")
def backward_matches_derivative(subject: Subject) -> None:
    """An elementwise activation's backward is grad · derivative(z), at the small, the large, and at 0."""
    activation = elementwise_of(subject)
    rig = rig_of(subject, (6,))
    drawn = generator(16).normal(size=(12, 6)) * np.repeat([0.01, 1.0, 8.0], 4)[:, None]
    drawn[0], drawn[4, :3], drawn[8, 3:] = 0.0, np.round(drawn[4, :3]), np.round(drawn[8, 3:])
    away = np.ones(drawn.shape, bool)
    for kink in activation.kinks:
        # which side a kink itself belongs to is the author's choice, and may differ between the two
        away &= drawn != kink
    for training in (True, False):
        x = read_only(drawn)
        grad = rig.upstream(x, training=training)
        found = rig.tree(training=training).step(x, grad).input_gradient
        wanted = grad * activation_of(rig).derivative(x)
        wrong = away & ~(np.abs(found - wanted) <= 1e-12 + 1e-7 * np.abs(wanted))
        if wrong.any():
            place = tuple(map(int, np.argwhere(wrong)[0]))
            raise Unmet(
                f"at z = {drawn[place]:.6g} backward gives {found[place]:.9g}",
                expected=f"{wanted[place]:.9g}, grad · derivative(z)",
                cause="backward and derivative follow different formulas; the check derivative-matches tells whether "
                "derivative is right",
            )


def _forward(rig: LayerRig, places: Array) -> Array:
    output: Array = rig.forward(read_only(places[:, None]), training=False)[:, 0]
    return output


def _bends(rig: LayerRig) -> list[tuple[float, float, float]]:
    """Where the slope jumps: the place, and the slopes before and after it.

    Of each cell of a grid the slope is taken. From one to the next it changes least where cells are narrow; where it
    changes as much between cells that are 64 times, and again 64 times, as narrow, there is a kink.
    """
    grid = np.linspace(-_REACH, _REACH, _SCANNED)
    slopes = np.diff(_forward(rig, grid)) / np.diff(grid)
    turns = np.abs(np.diff(slopes))
    largest = float(np.abs(slopes).max(initial=1.0))
    found = []
    for cell in np.flatnonzero(turns > _SHARP * min(1.0, largest)):
        # of neighbours that turn alike, the sharpest
        if turns[cell] < turns[max(cell - 2, 0) : cell + 3].max():
            continue
        sharp = _sharpest(rig, grid[cell], grid[cell + 2], float(turns[cell]))
        if sharp is not None:
            found.append(sharp)
    return found


def _sharpest(rig: LayerRig, low: float, high: float, turn: float) -> tuple[float, float, float] | None:
    """The kink between two places, if what turns there turns at once."""
    place, before, after = low, 0.0, 0.0
    for _ in range(2):
        grid = np.linspace(low, high, _PARTS + 1)
        slopes = np.diff(_forward(rig, grid)) / np.diff(grid)
        # a kink inside a cell is shared between its two neighbours' turns
        turns = np.abs(slopes[2:] - slopes[:-2])
        cell = int(turns.argmax())
        if turns[cell] < _STAYS * turn:
            return None
        low, high, turn = grid[cell], grid[cell + 3], float(turns[cell])
        place, before, after = (low + high) / 2, float(slopes[cell]), float(slopes[cell + 2])
    return place, before, after


SLOPES = suite(derivative_matches, declared_kinks, backward_matches_derivative)
