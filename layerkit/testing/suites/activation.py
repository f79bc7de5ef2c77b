"""What an activation declares of itself, held against what it does."""

from __future__ import annotations

import numpy as np

from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.activation_rig import activation_of, elementwise_of, rig_of
from layerkit.testing.rigs.layer_rig import LayerRig
from layerkit.testing.subject import Subject
from layerkit.testing.suite import suite
from layerkit.testing.suites import layer
from layerkit.testing.suites.activation_slopes import SLOPES
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array


def keeps_shape(subject: Subject) -> None:
    """The output has the input's shape, for inputs of one, two and three axes."""
    for shape in ((4,), (2, 3), (2, 3, 2)):
        rig = rig_of(subject, shape)
        output = rig.forward(rig.inputs(), training=True)
        if output.shape != (5, *shape):
            raise Unmet(
                f"an input of shape {(5, *shape)} gives an output of shape {output.shape}",
                expected="the same shape",
                cause="a reduction without keepdims, or an axis that is fixed by number instead of counted from "
                "the end",
            )


def elementwise(subject: Subject) -> None:
    """What is declared elementwise changes at a place only when the input changes there."""
    elementwise_of(subject)
    rig = rig_of(subject, (4,))
    x = rig.inputs()
    changed = np.array(x)
    changed[2, 1] += 0.7
    before, after = rig.forward(x, training=False), rig.forward(read_only(changed), training=False)
    moved = np.argwhere(before != after).tolist()
    if moved not in ([[2, 1]], []):
        raise Unmet(
            f"a change at (2, 1) moves the output at {moved}",
            expected="the output at (2, 1) alone",
            cause="a sum, a mean or a maximum over the row or the batch; such an activation is not elementwise",
        )


def finite_far_out(subject: Subject) -> None:
    """Outputs, derivatives and gradients are finite at ±1e4 in float32, without an overflow on the way."""
    rig = LayerRig(subject.make(), (4,), subject.case, dtype=np.float32)
    x = read_only(np.array([[1e4, -1e4, 0.0, 1.0], [-1e4, -1e4, -1e4, -1e4], [1e4, 1e4, 1e4, 1e4]], np.float32))
    with np.errstate(over="raise", invalid="raise", divide="raise", under="ignore"):
        try:
            tree = rig.tree(training=True)
            step = tree.step(x, read_only(np.ones((3, 4), np.float32)))
            found = [step.output, step.input_gradient]
            if activation_of(rig).elementwise:
                found.append(activation_of(rig).derivative(x))
        except FloatingPointError as error:
            raise Unmet(
                f"{error}, at ±1e4 in float32",
                expected="a finite output without overflow",
                cause="an exponential of a large number: use e^−|z|, or take off the largest first",
            ) from error
    if not all(np.isfinite(array).all() for array in found):
        raise Unmet(
            "a number that is not finite, at ±1e4 in float32",
            expected="finite outputs, derivatives and gradients",
            cause="inf − inf, inf / inf or 0 · inf; rewrite the formula so that it stays in range",
        )


def declared_range(subject: Subject) -> None:
    """No output lies outside lowest … highest, and where both are finite the outputs fill most of the range."""
    activation = subject.make()
    if not np.isfinite([activation.lowest, activation.highest]).any():
        raise NotApplicable("neither lowest nor highest is declared")
    _, output = _grid(subject)
    slack = 1e-12
    if output.min() < activation.lowest - slack or output.max() > activation.highest + slack:
        raise Unmet(
            f"outputs from {output.min():.9g} to {output.max():.9g}",
            expected=f"between lowest, {activation.lowest:g}, and highest, {activation.highest:g}",
            cause="the formula, or the declaration of lowest and highest",
        )


def declared_monotonicity(subject: Subject) -> None:
    """An elementwise activation that is declared monotonic never falls as its input rises."""
    activation = elementwise_of(subject)
    places, output = _grid(subject)
    falls = np.argwhere(np.diff(output) < -1e-12 * np.maximum(1, np.abs(output[:-1])))
    if activation.monotonic and falls.size:
        place = places[int(falls[0, 0])]
        raise Unmet(
            f"the output falls at {place:.4g}",
            expected="an output that never falls, since monotonic is true",
            cause="the formula, or declare monotonic = False",
        )
    if not activation.monotonic and not falls.size:
        raise Unmet(
            "the output never falls between −30 and 30",
            expected="a fall somewhere, since monotonic is declared false",
            cause="the declaration; leave it out",
        )


def _grid(subject: Subject) -> tuple[Array, Array]:
    places = np.sort(np.concatenate([np.linspace(-30, 30, 2001), [1e-3, -1e-3, 100, -100]]))
    output = rig_of(subject, (1,)).forward(read_only(places[:, None]), training=False)[:, 0]
    if not subject.make().elementwise:
        rows = read_only(np.stack([places, places[::-1], np.zeros_like(places)], axis=1))
        output = rig_of(subject, (3,)).forward(rows, training=False).ravel()
    return places, output


use = layer.use
CHECKS = (
    *suite(keeps_shape),
    *SLOPES,
    *suite(elementwise, finite_far_out, declared_range, declared_monotonicity),
    *layer.CHECKS,
)
