"""What an activation declares of itself, held against what it does."""

from __future__ import annotations

import numpy as np

from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.activation_rig import activation_of, activation_rig, elementwise_of, values_at
from layerkit.testing.rigs.layer_rig import LayerRig
from layerkit.testing.subject import Subject
from layerkit.testing.suite import suite, told_by
from layerkit.testing.suites import layer
from layerkit.testing.suites.activation_slopes import SLOPES, derivative_matches
from layerkit.testing.suites.argument_values import require_with_others
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_NEAR = 0.02
"""Of the distance between lowest and highest, how much outputs may stay away from either."""
_LARGE = (60.0, 1000.0)
_HUGE = 1e30
"""Beyond this, a result and its derivative are near the end of what float32 holds."""


def keeps_shape(subject: Subject) -> None:
    """The output has the input's shape, for inputs of one, two and three axes."""
    for shape in ((4,), (2, 3), (2, 3, 2)):
        rig = activation_rig(subject, shape)
        output = rig.forward(rig.inputs(), training=True)
        if output.shape != (5, *shape):
            raise Unmet(
                f"an input of shape {(5, *shape)} gives an output of shape {output.shape}",
                expected="the same shape",
                cause="a reduction without keepdims, or an axis that is fixed by number instead of counted from "
                "the end",
            )


@told_by("keeps-shape")
def elementwise(subject: Subject) -> None:
    """What is declared elementwise changes at a place only when the input changes there, among large numbers, too."""
    elementwise_of(subject)
    rig = activation_rig(subject, (4,))
    for scale in (1.0, *_LARGE):
        x = read_only(scale * rig.inputs())
        changed = np.array(x)
        changed[2, 1] = 0.7 * changed[2, 1] + 0.7
        before, after = rig.forward(x, training=False), rig.forward(read_only(changed), training=False)
        moved = np.argwhere((before != after) & ~(np.isnan(before) & np.isnan(after))).tolist()
        if moved in ([[2, 1]], []):
            continue
        size = "" if scale == 1 else f", of inputs of about {scale:g},"
        raise Unmet(
            f"a change at (2, 1){size} moves the output at {moved}",
            expected="the output at (2, 1) alone",
            cause="a sum, a mean or a maximum over the row or the batch; such an activation is not elementwise",
        )


@told_by("keeps-shape", "elementwise", "derivative-matches", "rows-independent")
def finite_far_out(subject: Subject) -> None:
    """Outputs, derivatives and gradients are finite at ±1e4 in float32, unless no float32 could hold them."""
    rig = LayerRig(subject.make(), (4,), subject.case, dtype=np.float32)
    high, low = _reach(subject, 1.0), _reach(subject, -1.0)
    x = read_only(np.array([[high, low, 0.0, 1.0], [low] * 4, [high] * 4], np.float32))
    with np.errstate(over="raise", invalid="raise", divide="raise", under="ignore"):
        try:
            tree = rig.tree(training=True)
            step = tree.step(x, read_only(np.ones((3, 4), np.float32)))
            found = [step.output, step.input_gradient]
            if activation_of(rig).elementwise:
                found.append(activation_of(rig).derivative(x))
        except FloatingPointError as error:
            raise Unmet(
                f"{error}, between {low:g} and {high:g} in float32",
                expected="a finite output without overflow",
                cause="an exponential of a large number: use e^−|z|, or take off the largest first; or a division by "
                "what is 0 at 0",
            ) from error
    if not all(np.isfinite(array).all() for array in found):
        raise Unmet(
            f"a number that is not finite, between {low:g} and {high:g} in float32",
            expected="finite outputs, derivatives and gradients",
            cause="inf − inf, inf / inf or 0 · inf; rewrite the formula so that it stays in range",
        )


@told_by("keeps-shape", "elementwise", "finite-far-out")
def declared_range(subject: Subject) -> None:
    """No output lies outside lowest … highest; where both are finite, the outputs come within 2 % of their distance of
    both."""
    activation = subject.make()
    if not np.isfinite([activation.lowest, activation.highest]).any():
        raise NotApplicable("neither lowest nor highest is declared")
    _, output = _grid(subject)
    width = activation.highest - activation.lowest
    slack = 1e-12 * max(1.0, *(abs(end) for end in (activation.lowest, activation.highest) if np.isfinite(end)))
    least, most = float(np.nanmin(output)), float(np.nanmax(output))
    found = f"outputs from {least:.9g} to {most:.9g}"
    wanted = f"between lowest, {activation.lowest:g}, and highest, {activation.highest:g}"
    if least < activation.lowest - slack or most > activation.highest + slack:
        raise Unmet(found, expected=wanted, cause="the formula, or the declaration of lowest and highest")
    learns = bool(activation_rig(subject).structure.entries)
    # what is learned may lead nearer
    near = (0.5 if learns else _NEAR) * width
    far = max(least - activation.lowest, activation.highest - most)
    if activation.elementwise and np.isfinite(width) and not far <= near:
        raise Unmet(
            f"{found}, at inputs from −1e4 to 1e4",
            expected=f"numbers {wanted}, that come within {near:.4g} of both",
            cause="lowest and highest are declared too far apart: layerkit tells by them which targets are in reach",
        )


@told_by("keeps-shape", "elementwise", "declared-kinks")
def declared_monotonicity(subject: Subject) -> None:
    """An elementwise activation that is declared monotonic never falls as its input rises."""
    activation = elementwise_of(subject)
    places, output = _grid(subject)
    steps = np.diff(output)
    falls = np.argwhere(steps < -1e-12 * np.maximum(1, np.abs(output[:-1])))
    if activation.monotonic and falls.size:
        # where it is steepest, not where it can hardly be seen
        place = places[int(falls[np.argmin((steps / np.diff(places))[falls])].item())]
        raise Unmet(
            f"the output falls at {place:.4g}",
            expected="an output that never falls, since monotonic is true",
            cause="the formula, or declare monotonic = False",
        )
    # what is learned may make it fall
    if not activation.monotonic and not falls.size and not activation_rig(subject).structure.entries:
        raise Unmet(
            "the output never falls between −1e4 and 1e4",
            expected="a fall somewhere, since monotonic is declared false",
            cause="the declaration; leave it out",
        )


@told_by("arguments-at-their-ends", "arguments-elsewhere", "declared-range", "derivative-matches", "declared-kinks")
def declared_elsewhere(subject: Subject) -> None:
    """With other numbers for its arguments than those of the case, its derivative and its range are as declared."""
    require_with_others(subject, keeps_shape, derivative_matches, declared_range)


def _reach(subject: Subject, sign: float) -> float:
    """±1e4, or as far as float32 can hold what an elementwise activation that grows exponentially gives."""
    if not subject.make().elementwise:
        return 1e4 * sign
    sizes = np.array([1e4, 3e3, 1e3, 300, 100, 50, 30, 10, 3, 1])
    values = np.abs(values_at(activation_rig(subject), sign * sizes))
    # a formula that merely overflows goes from modest numbers to infinity; what grows beyond measure is seen on its way
    if not np.any(np.isfinite(values) & (values > _HUGE)):
        return 1e4 * sign
    held = sizes[values <= _HUGE]
    return sign * float(held[0] if len(held) else 1.0)


def _grid(subject: Subject) -> tuple[Array, Array]:
    far = np.geomspace(31, 1e4, 60)
    places = np.sort(np.concatenate([-far, np.linspace(-30, 30, 2001), [1e-3, -1e-3], far]))
    if subject.make().elementwise:
        return places, values_at(activation_rig(subject, first=True), places)
    rows = read_only(np.stack([places, places[::-1], np.zeros_like(places)], axis=1))
    return places, activation_rig(subject, (3,), first=True).forward(rows, training=False).ravel()


use = layer.use
CHECKS = (
    suite(keeps_shape, elementwise)
    + SLOPES
    + suite(finite_far_out, declared_range, declared_monotonicity)
    + layer.CHECKS
    + suite(declared_elsewhere)
)
