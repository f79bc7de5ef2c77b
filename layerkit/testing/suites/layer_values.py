"""A layer's values where they are seldom looked at: after a step, at planted points, in long batches, over time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from layerkit.shapes import with_batch
from layerkit.testing.closeness import difference
from layerkit.testing.differences import Mismatch, Slope, slopes, worst
from layerkit.testing.inputs import each, is_floating, parts, read_only, rows_of
from layerkit.testing.rigs.layer_rig import LayerRig, Step, rigs
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Value

_MANY = 300
_FEW = 37
_FAR = 8.0


@told_by("scratch-reused", "backward-repeatable", "interleaved-passes")
def parameters_read_anew(subject: Subject) -> None:
    """After parameters and states have changed in place, as an update changes them, passes use the new ones."""
    for rig in rigs(subject):
        if not rig.structure.entries and not rig.structure.state_entries:
            continue
        x = rig.inputs()
        tree = {training: rig.tree(training=training) for training in (True, False)}
        grads = {training: rig.upstream(x, training=training) for training in (True, False)}
        for training in (False, True, False):
            tree[training].step(x, grads[training])
        for vector in (rig.structure.parameters, rig.structure.states):
            np.multiply(vector, 1 + 0.5 * generator(17).random(vector.size), out=vector)
        fresh = LayerRig(subject.make(), rig.shape, subject.case)
        fresh.structure.parameters[...] = rig.structure.parameters
        fresh.structure.states[...] = rig.structure.states
        for training in (True, False):
            wanted = fresh.tree(training=training).step(x, grads[training])
            found = tree[training].step(x, grads[training])
            what, told = _changed(found, wanted)
            if told is not None:
                raise Unmet(
                    f"{_told(rig, training)}: after the parameters have changed, the {what} is {told}",
                    expected="what a layer gives that begins with these values",
                    cause="something is worked out from a parameter or a state once (in build, in connect, at the "
                    "first pass) and kept; work it out in each forward pass. Views of a parameter may be kept",
                )


@told_by("input-gradient", "parameter-gradients", "derivative-matches", "backward-matches-derivative", "declared-kinks")
def planted_points(subject: Subject) -> None:
    """Gradients are right for small, large and whole inputs, for rows of zeros, and where all inputs are equal."""
    if subject.case.inputs is not None:
        raise NotApplicable("the case draws the inputs itself, so it is not known what else the layer can take")
    floating = False
    for rig in rigs(subject):
        if not is_floating(rig.inputs()):
            continue
        floating = True
        for name, x in _planted(rig):
            for training in (True, False):
                _require_gradients(rig, name, x, training)
    if not floating:
        raise NotApplicable("the inputs are integers")


@told_by("rows-independent", "batch-sizes", "batch-gradient-is-sum", "input-gradient", "parameter-gradients")
def long_batches(subject: Subject) -> None:
    """A batch of 300 rows gives the outputs of its parts, and the sum of their gradients."""
    rig = next(rigs(subject))
    training = not (rig.coupled or rig.stochastic)
    x = rig.inputs(_MANY)
    grad = rig.upstream(x, training=training)
    together = rig.tree(training=training).step(x, grad)
    tree = rig.tree(training=training)
    cuts = [slice(start, start + _FEW) for start in range(0, _MANY, _FEW)]
    apart = [tree.step(rows_of(x, cut), rows_of(grad, cut)) for cut in cuts]
    summed = {path: np.sum([part.gradients[path] for part in apart], axis=0) for path in together.gradients}
    what, told = _changed(
        together,
        Step(_joined([part.output for part in apart]), _joined([part.input_gradient for part in apart]), summed, ()),
    )
    if told is not None:
        raise Unmet(
            f"{_told(rig, training)}: of a batch of {_MANY} rows, the {what} is {told} in batches of {_FEW}",
            expected="the same, but for rounding",
            cause="rows are worked on in blocks, and the last block, or all but one, are left out or counted twice",
        )


def _changed(found: Step, wanted: Step) -> tuple[str, str | None]:
    """What differs, and how."""
    for what, one, other in (
        ("output", found.output, wanted.output),
        ("input gradient", found.input_gradient, wanted.input_gradient),
        *((f"gradient of {path!r}", found.gradients[path], wanted.gradients[path]) for path in wanted.gradients),
    ):
        told = difference(one, other)
        if told is not None:
            return what, told
    return "", None


def _planted(rig: LayerRig) -> Iterator[tuple[str, Value]]:
    """Inputs of every kind that training meets, and that normal numbers never are."""
    drawn = rig.inputs(seed=18)
    yield "of a hundredth of the usual size", each(lambda array: _locked(0.01 * array), drawn)
    yield f"{_FAR:g} times as large as usual", each(lambda array: _locked(_FAR * array), drawn)
    yield "of whole numbers", each(lambda array: _locked(np.round(2 * array)), drawn)
    yield "of which a row is zero and a row all equal", each(_special_rows, drawn)


def _special_rows(array: Array) -> Array:
    changed = np.array(array)
    changed[1] = 0.0
    changed[3] = 0.5
    return _locked(changed)


def _require_gradients(rig: LayerRig, name: str, x: Value, training: bool) -> None:
    grad = rig.upstream(x, training=training)
    if not all(np.isfinite(array).all() for array in parts(rig.forward(x, training=training))):
        return  # what the layer cannot take is its author's to say
    step = rig.tree(training=training).step(x, grad)
    tree = rig.tree(training=training)
    points = [np.array(array) for array in parts(x)]

    def value() -> float:
        views = tuple(map(_locked_view, points))
        outputs = parts(tree.forward(views if isinstance(x, tuple) else views[0]))
        return float(sum(np.sum(g * y) for g, y in zip(parts(grad), outputs, strict=True)))

    size = float(sum(np.abs(g * y).sum() for g, y in zip(parts(grad), parts(step.output), strict=True)))
    arrays = [
        *((f"input {place}" if len(points) > 1 else "x", point, gradient)
          for place, (point, gradient) in enumerate(zip(points, parts(step.input_gradient), strict=True))),
        *((repr(entry.path), entry.view(rig.structure.parameters), step.gradients[entry.path])
          for entry in rig.structure.entries),
    ]  # fmt: skip
    for what, point, gradient in arrays:
        if np.isnan(gradient).any():
            raise Unmet(
                f"{_told(rig, training)}, {name}: the gradient with respect to {what} holds NaN",
                expected="numbers: the output is finite",
                cause="0 / 0 or 0 · ∞ where an input is 0, or where inputs are equal; say what the gradient is there",
            )
        told = _disagreement(value, point, gradient, size)
        if told is not None:
            raise Unmet(
                f"{_told(rig, training)}, {name}: the gradient with respect to {what} is {told}",
                expected="the derivative of Σ grad · output",
                cause="a case of its own for some inputs (large or small ones, zeros, negative or whole numbers) is "
                "wrong in backward, or in forward alone",
            )


def _disagreement(value: partial[float] | object, point: Array, gradient: Array, size: float) -> Mismatch | None:
    found: list[tuple[str, float, Slope]]
    found, _ = slopes(value, point, gradient, generator(19), size=max(size, 1.0))  # type: ignore[arg-type]
    # planted points lie on kinks, as 0 does for relu: there is no derivative, and nothing to compare
    return worst([each for each in found if not each[0].startswith("along")])


def _joined(values: list[Value]) -> Value:
    if values[0] is None:
        return None
    if isinstance(values[0], tuple):
        return tuple(_joined([value[place] for value in values]) for place in range(len(values[0])))
    return np.concatenate(values)


def _locked(array: Array) -> Array:
    locked: Array = read_only(array)
    return locked


def _locked_view(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view


def _told(rig: LayerRig, training: bool) -> str:
    return f"inputs of {with_batch(rig.shape)}, {'training' if training else 'inference'}"


VALUES = suite(parameters_read_anew, planted_points, long_batches)
