"""A layer at numbers that training leads to: rows of zeros, parameters of 0, of the other sign or of another size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.initializers.zeros import Zeros
from layerkit.interfaces.initializer import Initializer
from layerkit.shapes import with_batch
from layerkit.testing.inputs import draw_like, is_floating, parts, rows_of
from layerkit.testing.rigs.faults import fault_along_a_direction, is_finite
from layerkit.testing.rigs.first_values import draw_first
from layerkit.testing.rigs.layer_rig import DEFAULT_SHAPES, LayerRig, rigs
from layerkit.testing.rigs.planted_rows import KINDS, planted_rows
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_ORDINARY = -2
"""The last kinds of rows are of such a size that what grows with them may leave all range."""
_TRUE = (
    "rows-independent",
    "batch-sizes",
    "parameters-read-anew",
    "inputs-read-anew",
    "gradient-overwritten",
    "input-gradient",
    "parameter-gradients",
)


@told_by("declared-output-shape", "batch-sizes", "rows-independent", "floating-warnings", "finite-far-out")
def finite_on_special_rows(subject: Subject) -> None:
    """Rows of zeros, of equal, whole, negative, positive, small or eightfold numbers give finite outputs."""
    if subject.case.inputs is not None:
        raise NotApplicable("the case draws the inputs itself, so it is not known what else the layer can take")
    floating = False
    for rig in rigs(subject):
        if not is_floating(rig.inputs()):
            continue
        floating = True
        kinds = list(KINDS)[:_ORDINARY]
        x = rows_of(planted_rows(rig), slice(0, len(kinds)))
        for training in (True, False):
            for array in parts(rig.forward(x, training=training)):
                strange = ~np.isfinite(array).reshape(len(array), -1).all(axis=1)
                if not strange.any():
                    continue
                row = int(strange.argmax())
                number = array[row][~np.isfinite(array[row])].flat[0]
                which = "a batch with rows of such kinds" if rig.coupled and training else f"a row {kinds[row]}"
                raise Unmet(
                    f"inputs of {with_batch(rig.shape)}, {'training' if training else 'inference'}: {which} gives an "
                    f"output of {number:g}",
                    expected="finite numbers: behind a ReLU, or at the edge of an image, all of a row may be 0; what "
                    "cannot take such rows says so by waiving this check",
                    cause="a division by a length or a spread of 0, or the logarithm of 0: keep it away from 0, as by "
                    "max(length, tiny) or √(square + ε)",
                )
    if not floating:
        raise NotApplicable("the inputs are integers")


@told_by(*_TRUE, "planted-points", "derivative-matches", "backward-matches-derivative")
def parameters_of_any_sign(subject: Subject) -> None:
    """With parameters of the other sign, and with larger ones of either, outputs are finite and gradients are true."""
    checked = False
    for rig in rigs(subject):
        trained = rig.structure.parameters[: rig.structure.trainable]
        if not trained.size:
            continue
        checked = True
        first = trained.copy()
        for told, change in _CHANGES.items():
            trained[...] = change(first)
            _require_true(rig, told)
    if not checked:
        raise NotApplicable("the layer has no parameters that are trained")


def _require_true(rig: LayerRig, told: str) -> None:
    x = rig.inputs()
    tree = rig.tree(training=True)
    grad = draw_like(tree.forward(x), generator(56))
    step = tree.step(x, grad)
    fault = (
        fault_along_a_direction(rig, x, grad, step, True)
        if is_finite(step.everything)
        else "an output, a gradient or a proposed state is not finite"
    )
    if fault is not None:
        raise Unmet(
            f"inputs of {with_batch(rig.shape)}, training, with {told}: {fault}",
            expected="finite numbers and true gradients: an update may lead a parameter to any number",
            cause="a root, a logarithm or a power of a parameter, which begins positive and need not stay so: use its "
            "square, |p| or softplus(p); or a case of its own for negative parameters. What a transform keeps "
            "positive is said by waiving this check",
        )


@told_by(*_TRUE, "floating-warnings", "parameters-of-any-sign")
def zeros_for_an_initializer(subject: Subject) -> None:
    """Where an argument is an initializer, it may be Zeros(): outputs and gradients are finite, or it is refused."""
    tried = False
    for name, given in subject.make().config.items():
        if not (isinstance(given, Initializer) or (given is None and name.endswith("initializer"))):
            continue
        for shape in subject.case.input_shapes or DEFAULT_SHAPES:
            try:
                rig = LayerRig(subject.make(**{name: Zeros()}), shape, subject.case)
            except LayerkitError:
                continue
            tried = True
            draw_first(rig.structure, keep=False)
            x = rig.inputs()
            if not is_finite(rig.tree(training=True).step(x, rig.upstream(x, training=True)).everything):
                raise Unmet(
                    f"inputs of {with_batch(rig.shape)}, with {name}=Zeros(): an output, a gradient or a proposed "
                    "state is not finite",
                    expected="finite numbers, or an ArgumentError that says which initializers are taken",
                    cause="a division by a parameter, or by the length of a row or a column of it, which is 0 then: "
                    "keep it away from 0, as by max(length, tiny) or √(square + ε)",
                )
    if not tried:
        raise NotApplicable("no argument is an initializer")


def _alternately(parameters: Array) -> Array:
    sign = np.where(np.arange(parameters.size) % 2 == 0, -1.0, 1.0)
    larger: Array = 3 * sign * parameters
    return larger


_CHANGES: dict[str, Callable[[Array], Array]] = {
    "parameters of the other sign": np.negative,
    "parameters that are three times as large, every other one of the other sign": _alternately,
}

ANYWHERE = suite(finite_on_special_rows, parameters_of_any_sign, zeros_for_an_initializer)
