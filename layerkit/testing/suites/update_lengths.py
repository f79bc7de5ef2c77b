"""Vectors that are longer than a block of ctx.blocks are moved as short ones are."""

from __future__ import annotations

import numpy as np

from layerkit.testing.closeness import difference
from layerkit.testing.rigs.updates import LARGE, Course, first_parameters, laid_out, slopes, update_context
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.suites.update_places import needs_matrices
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_SHORT = 61
_LONG = LARGE[-1].stop
_STEPS = 3
_ROUNDING = 2**20
"""In units in the last place: sums over a long vector round otherwise in another order."""


@told_by("every-place-moves", "every-place-changes", "scratch-reused", "layers-frozen")
def long_vectors(subject: Subject) -> None:
    """In vectors longer than a block of ctx.blocks, where a place lies is of no matter, if it is not in short ones."""
    component = subject.make()
    if getattr(component, "needs_evaluate", False):
        raise NotApplicable("the optimizer evaluates the cost itself, at all parameters at once")
    if _told(subject, _SHORT) is not None:
        raise NotApplicable("chance, or where a place lies, has a say in how it is moved")
    if needs_matrices(subject):
        raise NotApplicable("it needs a matrix of all pairs of parameters, so no large vector was tried")
    told = _told(subject, _LONG)
    if told is not None:
        raise Unmet(
            f"in a parameter of {_LONG} places, whose gradient is larger in the first half, one is {told} after "
            f"{_STEPS} steps where the same numbers lie a third further on",
            expected="the same steps for the same numbers, as in short vectors: how long a block is, is a matter of "
            "speed alone",
            cause="a length, a mean or a maximum is taken of each block of ctx.blocks, in the place of the whole "
            "vector, or of each of ctx.slices",
        )


def _told(subject: Subject, size: int) -> str | None:
    """How a place's steps differ where all numbers are moved on, in a single parameter of some places."""
    start = np.resize(first_parameters(), size) * (1 + 0.1 * slopes(size, 1))
    pushes = [slopes(size, step) * np.where(np.arange(size) < size // 2, 10, 1) for step in range(_STEPS)]
    plain = _moved(subject, start, pushes)
    on = size // 3
    further = _moved(subject, np.roll(start, on), [np.roll(push, on) for push in pushes])
    return difference(np.roll(further, -on), plain, units=_ROUNDING)


def _moved(subject: Subject, start: Array, pushes: list[Array]) -> Array:
    context = update_context(subject.case.learning_rate, slices=laid_out({"0.bias": start.shape}))
    course = Course(subject.make(), context, start.copy())
    for push in pushes:
        push.flags.writeable = False
        course.step(push)
    return course.parameters
