"""An optimizer's numbers: those of its author's reference, of every size, and finite where gradients are 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit.interfaces.update_context import ParameterSlice
from layerkit.testing.closeness import difference
from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.references import SCALES, fits_any_length
from layerkit.testing.rigs.updates import (
    MIDDLING,
    SLICES,
    descend,
    first_parameters,
    follow,
    gradients,
    slopes,
    update_context,
)
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_ZEROS = 3
_ON_A_LINE = (1, 2, 4, 0.5, -1, -3)


@told_by("moves-in-place", "floating-warnings")
def zero_gradients(subject: Subject) -> None:
    """Gradients that are 0 everywhere, at the first step, at later ones or in some places, leave all finite."""
    rate = subject.case.learning_rate
    for dtype in (np.float64, np.float32):
        parameters, context, optimizer = first_parameters(dtype), update_context(rate, dtype=dtype), subject.make()
        if optimizer.needs_evaluate:
            # at the bottom of the bowl
            parameters = np.zeros_like(parameters)
            descend(optimizer, parameters, _ZEROS, context)
        else:
            usual = gradients(_ZEROS, dtype)
            partly = [np.where(np.arange(len(each)) % 2 == 0, each, 0) for each in usual]
            nothing = [np.zeros_like(each) for each in usual]
            follow(optimizer, parameters, read_only((*nothing, *partly, *usual, *nothing)), context)
        if not all(np.isfinite(array).all() for array in (parameters, *context.arrays())):
            raise Unmet(
                f"in a {np.dtype(dtype)} model, gradients of 0 give parameters or memory that are not finite",
                expected="finite numbers: units that are off and rows without weight have a gradient of exactly 0",
                cause="0 / 0, as g / √v is where all gradients so far are 0; add a small ε to the denominator",
            )


@told_by("quadratic-falls", "moves-in-place")
def reference_steps(subject: Subject) -> None:
    """The first steps are those of the author's reference, for small gradients, large ones, and longer vectors."""
    given: Any = subject.case.reference
    if given is None:
        raise NotApplicable("no reference is given")
    if subject.make().needs_evaluate:
        raise NotApplicable("the optimizer evaluates the cost itself, which a reference cannot do")
    rate = subject.case.learning_rate
    for count in (1, 2, 5):
        _require_reference(subject, SLICES, count, 1.0, 1.0)
    _require_same_line(subject)

    def one_step(parameters: Array, gradient: Array) -> tuple[Array]:
        return (np.asarray(given(parameters, [gradient], rate)),)

    for slices in (SLICES, MIDDLING) if fits_any_length(one_step, gradients(1)[0]) else (SLICES,):
        for of_parameters, of_gradient in SCALES:
            _require_reference(subject, slices, 2, of_parameters, of_gradient)


def _require_reference(
    subject: Subject, slices: tuple[ParameterSlice, ...], count: int, of_parameters: float, of_gradient: float
) -> None:
    size = slices[-1].stop
    steps = [of_gradient * slopes(size, step) for step in range(count)]
    start = of_parameters * first_parameters(size=size)
    told = f"{count} step{'s' * (count > 1)} by gradients of about {of_gradient:g}"
    _require_steps(subject, slices, start, steps, f"of about {of_parameters:g}, after {told}")


def _require_same_line(subject: Subject) -> None:
    """Gradients that grow, shrink and turn on one line, as they do where a cost is no bowl."""
    steps = [factor * slopes(SLICES[-1].stop, 0) for factor in _ON_A_LINE]
    told = f"after {len(steps)} steps by one gradient, {', '.join(f'{each:g}' for each in _ON_A_LINE)} times"
    _require_steps(subject, SLICES, first_parameters(), steps, told)


def _require_steps(
    subject: Subject, slices: tuple[ParameterSlice, ...], start: Array, steps: list[Array], told_of: str
) -> None:
    parameters, rate = start.copy(), subject.case.learning_rate
    follow(subject.make(), parameters, read_only(tuple(steps)), update_context(rate, slices=slices))
    reference: Any = subject.case.reference
    wanted = np.asarray(reference(start.copy(), [step.copy() for step in steps], rate))
    told = difference(parameters, wanted)
    if told is not None:
        raise Unmet(
            f"of {len(start)} parameters {told_of}, one is {told}",
            expected="the reference's parameters",
            cause="a factor that is applied twice or not at all, a count that begins at 0 instead of 1, memory that is "
            "updated in another order, or a small number that is added in another place",
        )
