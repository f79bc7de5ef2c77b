"""A layer's values where they are seldom looked at: at planted points, and in long batches."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from layerkit.shapes import with_batch
from layerkit.testing.closeness import identical
from layerkit.testing.differences import slopes, worst
from layerkit.testing.inputs import each, is_floating, parts, read_only, rows_of
from layerkit.testing.rigs.layer_rig import LayerRig, Step, rigs, told_pass
from layerkit.testing.rigs.products import gradients_of, size_of_products, sum_of_products, views
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.suites.layer_read_anew import changed
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Value

_MANY = 300
_FEW = 37
_FAR = 8.0


@told_by(
    "parameters-read-anew",
    "inputs-read-anew",
    "input-gradient",
    "parameter-gradients",
    "derivative-matches",
    "backward-matches-derivative",
    "declared-kinks",
)
def planted_points(subject: Subject) -> None:
    """Gradients are right for small, large and whole inputs, for rows of zeros, and where all inputs are equal."""
    if subject.case.inputs is not None:
        raise NotApplicable("the case draws the inputs itself, so it is not known what else the layer can take")
    floating = False
    for rig in rigs(subject):
        if not is_floating(rig.inputs()):
            continue
        floating = True
        for training in (True, False):
            told = {name: fault for name, x in _planted(rig) if (fault := _fault(rig, x, training)) is not None}
            if told:
                raise Unmet(
                    f"{told_pass(rig, training)}, on numbers {'; '.join(told)}: {next(iter(told.values()))}",
                    expected="the derivative of Σ grad · output, as on ordinary numbers",
                    cause="a case of its own for some inputs (large or small ones, zeros, equal, negative or whole "
                    "numbers) is wrong in backward, or in forward alone; or something is 0 / 0 there",
                )
    if not floating:
        raise NotApplicable("the inputs are integers")


@told_by(
    "rows-independent",
    "batch-sizes",
    "batch-gradient-is-sum",
    "parameters-read-anew",
    "input-gradient",
    "parameter-gradients",
)
def long_batches(subject: Subject) -> None:
    """A batch of 300 rows gives the outputs of its parts, and the sum of their gradients."""
    for rig in rigs(subject):
        alone = not (rig.coupled or rig.stochastic)
        x = rig.inputs(_MANY)
        grad = rig.upstream(x, training=alone)
        together = rig.tree(training=alone).step(x, grad)
        tree = rig.tree(training=alone)
        cuts = [slice(start, start + _FEW) for start in range(0, _MANY, _FEW)]
        apart = [tree.step(rows_of(x, cut), rows_of(grad, cut)) for cut in cuts]
        summed = {path: np.sum([part.gradients[path] for part in apart], axis=0) for path in together.gradients}
        outputs, below = ([getattr(part, name) for part in apart] for name in ("output", "input_gradient"))
        what, told = changed(together, Step(_joined(outputs), _joined(below), summed, together.proposals))
        if told is not None:
            raise Unmet(
                f"inputs of {with_batch(rig.shape)}: of a batch of {_MANY} rows, the {what} is {told} in batches of "
                f"{_FEW}",
                expected="the same, but for rounding",
                cause="rows are worked on in blocks, and the last block, or all but one, are left out or counted twice",
            )
        fault = None if alone else _fault(rig, x, True)
        if fault is not None:
            raise Unmet(
                f"inputs of {with_batch(rig.shape)}, training: of a batch of {_MANY} rows, {fault}",
                expected="the derivative of Σ grad · output, as in a batch of a few rows",
                cause="rows are worked on in blocks, and what is shared by all of them is taken from one block",
            )


def _planted(rig: LayerRig) -> Iterator[tuple[str, Value]]:
    """Inputs of every kind that training meets, and that normal numbers never are."""
    drawn = rig.inputs(seed=18)
    yield "of a hundredth of the usual size", each(lambda array: _locked(0.01 * array), drawn)
    yield f"{_FAR:g} times as large as usual", each(lambda array: _locked(_FAR * array), drawn)
    yield "of whole numbers", each(lambda array: _locked(np.round(2 * array)), drawn)
    yield "of which rows are 0 everywhere or at places, all equal, negative or positive", each(_special_rows, drawn)


def _special_rows(array: Array) -> Array:
    special = np.array(array)
    special[0] = -np.abs(special[0])
    special[1] = 0.0
    special[2] = np.abs(special[2])
    special[3] = 0.5
    special[4].flat[::2] = 0.0
    return _locked(special)


def _fault(rig: LayerRig, x: Value, training: bool) -> str | None:
    """What is wrong with the gradients at an input; None if nothing is, or if the output is not finite there."""
    grad = rig.upstream(x, training=training)
    step = rig.tree(training=training).step(x, grad)
    if not training:
        other = rig.tree(training=True).step(x, grad)
        if identical(step.everything[:3], other.everything[:3]):
            return None  # what is the same in both modes need not be looked at twice
    if not all(np.isfinite(array).all() for array in parts(step.output)):
        return None  # what the layer cannot take is its author's to say
    points = [np.array(array) for array in parts(x)]
    value = sum_of_products(rig, partial(views, points, x), grad, training)
    size = max(size_of_products(step.output, grad), 1.0)
    for what, point, gradient in gradients_of(rig, points, step):
        if np.isnan(gradient).any():
            return f"the gradient with respect to {what} holds NaN, and the output is finite"
        # planted points lie on kinks, as 0 does for relu: there is no derivative, and nothing to compare
        told = worst(slopes(value, point, gradient, generator(19), size=size)[0])
        if told is not None:
            return f"the gradient with respect to {what} is {told}"
    return None


def _joined(values: list[Value]) -> Value:
    if values[0] is None:
        return None
    if isinstance(values[0], tuple):
        return tuple(_joined([value[place] for value in values]) for place in range(len(values[0])))
    return np.concatenate(values)


def _locked(array: Array) -> Array:
    locked: Array = read_only(array)
    return locked


VALUES = suite(planted_points, long_batches)
