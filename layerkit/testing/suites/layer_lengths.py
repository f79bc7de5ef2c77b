"""A layer over time, in long sequences."""

from __future__ import annotations

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.shapes import is_many, with_batch
from layerkit.testing.inputs import draw_like, each, parts, read_only
from layerkit.testing.rigs.code_numbers import numbers_in_code
from layerkit.testing.rigs.faults import fault_along_a_direction, fault_at, is_finite
from layerkit.testing.rigs.layer_rig import LayerRig, rigs
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Value

_LONG = 40
_LONGEST = 300
"""More than a byte can count, and than the windows in which people cut sequences."""
_LATE = 40
_SEQUENCES = 2
_NUMBERS = 20_000
"""How many numbers the longest input may hold: of an image whose sides both vary, 300 each would be too many."""
_TAME = 1e6
_TABLES = range(_LONGEST, 4097)
"""Numbers in a layer's code that may be the length of a table, which a sequence that is one longer does not fit."""


@told_by(
    "parameters-read-anew",
    "input-gradient",
    "parameter-gradients",
    "planted-points",
    "masked-gradients",
    "sizes-vary",
)
def long_sequences(subject: Subject) -> None:
    """Where an axis may have any length, all is finite and true for 40 and 300, and past numbers in the code."""
    checked = False
    for rig in rigs(subject):
        shapes = rig.shape if is_many(rig.shape) else (rig.shape,)
        if not any(None in shape for shape in shapes):
            continue
        checked = True
        try:
            output = _require_true(rig, rig.inputs(_SEQUENCES, varying=_LONG))
            # what grows from step to step may be too large for any number behind some hundred
            if max((float(np.abs(array).max(initial=0.0)) for array in output), default=0.0) < _TAME:
                _require_true_along(rig)
                _require_no_table(rig)
        except LayerkitError:
            continue  # there is a longest one, and this is longer
    if not checked:
        raise NotApplicable("no axis varies")


def _require_true(rig: LayerRig, x: Value) -> list[Array]:
    output = rig.forward(x, training=True)
    fault = fault_at(rig, x, True) if is_finite(output) else _NOT_FINITE
    if fault is not None:
        raise _unmet(rig, _LONG, fault)
    return parts(output)


def _require_true_along(rig: LayerRig) -> None:
    x = rig.inputs(_SEQUENCES, seed=49, varying=_LONGEST)
    if rig.case.inputs is None:
        x = read_only(each(_largest_at_the_end, x))
    if sum(array.size for array in parts(x)) > _NUMBERS:
        return
    tree = rig.tree(training=True)
    grad = draw_like(tree.forward(x), generator(55))
    step = tree.step(x, grad)
    fault = fault_along_a_direction(rig, x, grad, step, True) if is_finite(step.everything) else _NOT_FINITE
    if fault is not None:
        raise _unmet(rig, _LONGEST, fault)


def _require_no_table(rig: LayerRig) -> None:
    for number in sorted(numbers_in_code(type(rig.layer)).intersection(_TABLES)):
        x = rig.inputs(1, varying=number + 1)
        if sum(array.size for array in parts(x)) <= _NUMBERS and not is_finite(rig.forward(x, training=False)):
            raise _unmet(rig, number + 1, _NOT_FINITE)


def _largest_at_the_end(array: Array) -> Array:
    """In one sequence, what is largest stands where a byte does not reach."""
    changed = np.array(array)
    if changed.ndim > 1 and changed.dtype.kind == "f":
        changed[0, -_LATE:] *= 3
    return changed


def _unmet(rig: LayerRig, length: int, fault: str) -> Unmet:
    return Unmet(
        f"inputs of {with_batch(rig.shape)}, with a length of {length} in the place of each axis that varies: {fault}",
        expected="finite numbers, and the derivative of Σ grad · output, as for a few steps",
        cause="the way back through time ends after some steps, or works in blocks of steps; or places are kept in a "
        "dtype that ends at 127 or 255 (int8, uint8)",
    )


_NOT_FINITE = "an output or a gradient is not finite"

LENGTHS = suite(long_sequences)
