"""A layer's values where they are seldom looked at: at planted points, and in long batches."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from layerkit.shapes import with_batch
from layerkit.testing.closeness import ROUNDING, identical
from layerkit.testing.inputs import draw_like, is_floating, parts, rows_of
from layerkit.testing.rigs.faults import fault_at
from layerkit.testing.rigs.first_values import draw_first
from layerkit.testing.rigs.layer_rig import LayerRig, Step, Tree, rigs, told_pass
from layerkit.testing.rigs.planted_rows import KINDS, faults_by_row, nan_in_gradients, on_parameters, planted_rows
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.suites.layer_read_anew import changed
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Value

_MANY = 300
_MOST = 1100
_HALF = 550
_SUMS = 16
_NUMBERS = 30_000
"""How many numbers a batch of the most rows may hold: one of large rows would take long, and blocks go by rows."""
_ROUND = 256
_FEW = 32
_FEW_KINDS = 4
_STEPS = 5
_RATE = 0.1
_TINY = 1e-30


@told_by(
    "rows-independent",
    "parameters-read-anew",
    "inputs-read-anew",
    "input-gradient",
    "parameter-gradients",
    "derivative-matches",
    "backward-matches-derivative",
    "declared-kinks",
    "finite-far-out",
    "batch-sizes",
    "batch-gradient-is-sum",
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
        x = planted_rows(rig)
        for training in (True, False):
            told = _faults(rig, x, training)
            if told:
                raise Unmet(
                    f"{told_pass(rig, training)}, in a row {_rows_told(list(told))}: {next(iter(told.values()))}",
                    expected="the derivative of Σ grad · output, as on ordinary numbers",
                    cause="a case of its own for some inputs (large or small ones, zeros, equal, negative or whole "
                    "numbers) is wrong in backward, or in forward alone; or something is 0 / 0 there",
                )
        if rig.structure.entries:
            _require_true_at_parameters(rig, x)
    if not floating:
        raise NotApplicable("the inputs are integers")


def _require_true_at_parameters(rig: LayerRig, planted: Value) -> None:
    """Gradients are right for parameters as they are first drawn, and none is NaN where inputs equal parameters."""
    for x in on_parameters(rig):
        fault = nan_in_gradients(rig, x, True)
        if fault is not None:
            raise Unmet(
                f"inputs of {with_batch(rig.shape)}, where they equal a parameter: {fault}",
                expected="finite numbers; where there is no derivative, any slope between those of the sides",
                cause="a division by the distance between an input and a parameter: keep it away from 0, as by "
                "max(distance, tiny)",
            )
    # the kit moves parameters off their first values, of which many are 0
    draw_first(rig.structure, keep=False)
    fault = fault_at(rig, rig.inputs(), True) or nan_in_gradients(rig, planted, True)
    if fault is not None:
        raise Unmet(
            f"inputs of {with_batch(rig.shape)}, with the parameters as they are first drawn: {fault}",
            expected="the derivative of Σ grad · output, as with other parameters",
            cause="backward divides by a parameter, which may be 0, or by its distance from an input; or takes 0 for a "
            "case of its own",
        )


def _rows_told(kinds: list[str]) -> str:
    """The kinds of rows, or that it is nearly all of them."""
    if len(kinds) <= _FEW_KINDS:
        return ", and in one ".join(kinds)
    return f"{kinds[0]}, and in {len(kinds) - 1} more of {len(KINDS)} kinds of rows"


def _faults(rig: LayerRig, x: Value, training: bool) -> dict[str, str]:
    """What is wrong with the gradients, by the kind of row."""
    if not training:
        grad = rig.upstream(x, training=True)
        here, there = (rig.tree(training=mode).step(x, grad).everything[:3] for mode in (False, True))
        if identical(here, there):
            return {}  # what is the same in both modes need not be looked at twice
    if not (training and rig.coupled):
        return {list(KINDS)[row]: fault for row, fault in faults_by_row(rig, x, training).items()}
    fault = fault_at(rig, rows_of(x, slice(None, -1)), training)
    return {} if fault is None else {"of those that are 0, equal, whole, negative, small or large": fault}


@told_by("gradient-overwritten", "parameter-gradients", "planted-points")
def able_to_learn(subject: Subject) -> None:
    """With parameters as they are first drawn, and after some steps from there, each parameter has a gradient once."""
    learns = False
    for rig in rigs(subject):
        # what draws, or waits for a state, may have nothing to learn at first
        if not rig.structure.entries or rig.stochastic or rig.structure.state_entries:
            continue
        x = rig.inputs(_FEW)
        grad = rig.upstream(x, training=True)
        usual = rig.tree(training=True).step(x, grad).gradients
        if not _any(usual):
            continue  # with whatever parameters: softmax of a single output, say
        learns = True
        draw_first(rig.structure, keep=False)
        gradients = rig.tree(training=True).step(x, grad).gradients
        if not _any(gradients):
            raise Unmet(
                f"inputs of {with_batch(rig.shape)}, training, {_FEW} rows: with the parameters as they are first "
                f"drawn, the gradients of {', '.join(map(repr, gradients))} are 0 everywhere",
                expected="a parameter that moves: where all gradients are 0, none ever will",
                cause="all factors of a product begin at 0 (Zeros()): begin at least one of them with random numbers",
            )
        stuck = _never_moved(rig, [path for path, gradient in usual.items() if gradient.any()])
        if stuck:
            raise Unmet(
                f"inputs of {with_batch(rig.shape)}, training, {_FEW} rows: {', '.join(map(repr, stuck))} have "
                f"gradients of 0 everywhere, with the parameters as they are first drawn and after each of {_STEPS} "
                "steps from there",
                expected="parameters that move: with other values these have a gradient",
                cause="the factors of a product all begin at 0 (Zeros()), and each keeps the other there: begin at "
                "least one of them with random numbers",
            )
    if not learns:
        raise NotApplicable("the layer has no parameters, or draws or has a state, which may have them wait")


@told_by(
    "rows-independent",
    "batch-sizes",
    "batch-gradient-is-sum",
    "parameters-read-anew",
    "input-gradient",
    "parameter-gradients",
)
def long_batches(subject: Subject) -> None:
    """Batches of 300, 256 and 1100 rows give the outputs of their parts, and the sum of their gradients."""
    for rig in rigs(subject):
        x = rig.inputs(_MANY)
        alone = not (rig.coupled or rig.stochastic)
        # what both modes have in common is looked at once
        modes = (True, False) if alone else (False,)
        known: Value = None
        for training in modes:
            tree = rig.tree(training=training)
            output = tree.forward(x)
            if known is None or not identical(output, known):
                _require_sum_of_parts(rig, x, tree, output)
            known = output
        if sum(array.size for array in parts(x)) * _MOST <= _NUMBERS * _MANY:
            _require_sum_of_halves(rig, modes[0])
        fault = None if alone else fault_at(rig, x, True)
        if fault is not None:
            raise Unmet(
                f"inputs of {with_batch(rig.shape)}, training: of a batch of {_MANY} rows, {fault}",
                expected="the derivative of Σ grad · output, as in a batch of a few rows",
                cause="rows are worked on in blocks, and what is shared by all of them is taken from one block",
            )


def _require_sum_of_parts(rig: LayerRig, x: Value, tree: Tree, output: Value) -> None:
    """``tree``: that in which the whole batch has just gone forward, and given ``output``."""
    training = tree.training
    grad = draw_like(output, generator(3))
    whole = Step(output, *tree.backward(grad), tree.proposals())
    tree = rig.tree(training=training)
    cuts = [slice(start, start + _FEW) for start in range(0, _MANY, _FEW)]
    apart = [tree.step(rows_of(x, cut), rows_of(grad, cut)) for cut in cuts]
    head = slice(0, _ROUND)
    rounded = rig.tree(training=training).step(rows_of(x, head), rows_of(grad, head))
    # 300 leaves something over of every block, 256 of none
    for count, together in ((_MANY, whole), (_ROUND, rounded)):
        what, told = changed(together, _added(apart[: -(-count // _FEW)], together.proposals))
        if told is not None:
            raise Unmet(
                f"inputs of {with_batch(rig.shape)}, {'training' if training else 'inference'}: of a batch of {count} "
                f"rows, the {what} is {told} in batches of {_FEW}",
                expected="the same, but for rounding",
                cause="rows are worked on in blocks, and the last block, or all but one, are left out or counted twice",
            )


def _require_sum_of_halves(rig: LayerRig, training: bool) -> None:
    x = rig.inputs(_MOST)
    tree = rig.tree(training=training)
    grad = draw_like(tree.forward(x), generator(48))
    together = tree.step(x, grad)
    halves = [tree.step(rows_of(x, cut), rows_of(grad, cut)) for cut in (slice(0, _HALF), slice(_HALF, None))]
    # sums of so many terms, of which most cancel out, are rounded more
    what, told = changed(together, _added(halves, together.proposals), units=_SUMS * ROUNDING)
    if told is not None:
        raise Unmet(
            f"inputs of {with_batch(rig.shape)}, {'training' if training else 'inference'}: of a batch of {_MOST} "
            f"rows, the {what} is {told} in batches of {_HALF}",
            expected="the same, but for rounding",
            cause="large batches are worked on in blocks of 1024 rows, say, and the last block is left out",
        )


def _added(steps: list[Step], proposals: tuple[Array, ...]) -> Step:
    """The step of a batch from those of its parts."""
    outputs, below = ([getattr(step, name) for step in steps] for name in ("output", "input_gradient"))
    summed = {path: np.sum([step.gradients[path] for step in steps], axis=0) for path in steps[0].gradients}
    return Step(_joined(outputs), _joined(below), summed, proposals)


def _never_moved(rig: LayerRig, moved: list[str]) -> list[str]:
    """Of parameters that have a gradient elsewhere, those that have none at first, nor after each of some steps."""
    stuck = {entry.path for entry in rig.structure.entries if entry.trainable}
    for step in range(_STEPS + 1):
        x = rig.inputs(_FEW, seed=64 + step)
        gradients = rig.tree(training=True).step(x, rig.upstream(x, training=True, seed=63)).gradients
        stuck -= {path for path, gradient in gradients.items() if gradient.any()}
        if not stuck:
            break
        for entry in rig.structure.entries:
            point, gradient = entry.view(rig.structure.parameters), gradients[entry.path]
            point -= _RATE * gradient / max(float(np.abs(gradient).max(initial=0.0)), _TINY)
    return [path for path in moved if path in stuck]


def _any(gradients: Mapping[str, Array]) -> bool:
    return any(bool(gradient.any()) for gradient in gradients.values())


def _joined(values: list[Value]) -> Value:
    if values[0] is None:
        return None
    if isinstance(values[0], tuple):
        return tuple(_joined([value[place] for value in values]) for place in range(len(values[0])))
    return np.concatenate(values)


VALUES = suite(planted_points, able_to_learn, long_batches)
