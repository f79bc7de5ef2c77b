"""What an optimizer or a transform declares of what it keeps."""

from __future__ import annotations

import numpy as np

from layerkit.testing.rigs.updates import SLICES, Course, first_parameters, slopes, update_context
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_STEPS = 8
_KINDS = "flat", "numbers", "slice_numbers"
_SIZE = SLICES[-1].stop


@told_by("moves-in-place", "works-in-place", "scratch-reused")
def memory_above_its_minima(subject: Subject) -> None:
    """What it keeps never falls below the minima that it declares, by gradients of either sign, large and small."""
    minima = getattr(subject.make(), "minima", {})
    if not minima:
        raise NotApplicable("it declares no minima")
    for name, change in _COURSES.items():
        context = update_context(subject.case.learning_rate, slices=SLICES[:1])
        course = Course(subject.make(), context, first_parameters(size=SLICES[0].stop))
        course.step(change(slopes(SLICES[0].stop, 0)))
        # also what a parameter that is thawed begins with
        context.lay_out(SLICES, np.dtype(np.float64))
        course = Course(course.component, context, first_parameters())
        for step in range(_STEPS):
            course.step(change(slopes(_SIZE, step)))
            memory = context.memory()
            for kept, array in (pair for kind in _KINDS for pair in memory[kind].items()):
                if kept in minima and (array < minima[kept]).any():
                    raise Unmet(
                        f"after {step + 2} steps by gradients {name}, {kept!r} holds {array.min():.6g}",
                        expected=f"at least {minima[kept]:g}, as minima declares",
                        cause="what is declared never to fall below a number does: leave it out of minima, or a state "
                        "that was saved in training is refused",
                    )


def _positive(gradient: Array) -> Array:
    return np.abs(gradient)


def _negative(gradient: Array) -> Array:
    return -np.abs(gradient)


def _small(gradient: Array) -> Array:
    return 1e-3 * gradient


def _large(gradient: Array) -> Array:
    return 20 * gradient


_COURSES = {"of both signs": _large, "that rise": _positive, "that fall": _negative, "near 0": _small}
