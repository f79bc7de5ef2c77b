"""A transform that gives the model other parameters than those that are trained: enter and leave."""

from __future__ import annotations

import numpy as np

from layerkit.interfaces.transform import Transform, trains_others
from layerkit.testing.closeness import difference, identical
from layerkit.testing.rigs.updates import MIDDLING, Course, first_parameters, gradients, slopes, update_context
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_STEPS = 9
_FEWER = 3
_PIECES = ((3, 3, 3), (1,) * 9, (5, 0, 0, 4))


@told_by("does-something", "scratch-reused")
def parameters_brought_back(subject: Subject) -> None:
    """Enter brings back, to the bit, parameters of any size that leave replaced by others, however often they turn."""
    _require_turns(*_course(subject), gradients(_STEPS))
    # parameters of all sizes in float32, with others far off: hardly a difference of two is exact
    size = MIDDLING[-1].stop
    sizes = 10 ** np.linspace(-3, 3, size)
    context = update_context(subject.case.learning_rate, slices=MIDDLING, dtype=np.float32)
    start = (sizes * first_parameters(size=size)).astype(np.float32)
    far = sizes / max(subject.case.learning_rate, 1e-6)
    steps = [(far * slopes(size, step)).astype(np.float32) for step in range(_FEWER)]
    component = subject.make()
    _require_turns(component, Course(component, context, start), steps)


def _require_turns(component: Transform, course: Course, steps: list[Array]) -> None:
    for turn, gradient in enumerate(steps):
        component.enter(course.parameters, course.context)
        course.turn(gradient)
        trained = course.parameters.copy()
        component.leave(course.parameters, course.context)
        shown = course.parameters.copy()
        for _ in range(3):
            component.enter(course.parameters, course.context)
            if not identical(course.parameters, trained):
                raise Unmet(
                    f"after {turn + 1} steps, leave and then enter, a parameter is "
                    f"{difference(course.parameters, trained, units=0)}",
                    expected="the bits that it had before leave: training goes on from what is trained",
                    cause="leave does not keep the trained parameters themselves in ctx.state(name), or enter does not "
                    "put them back: a difference that is added and taken off again rounds",
                )
            component.leave(course.parameters, course.context)
            if not identical(course.parameters, shown):
                raise Unmet(
                    f"after {turn + 1} steps, where the model is looked at once more, a parameter is "
                    f"{difference(course.parameters, shown, units=0)}",
                    expected="the same bits each time, while no step is made in between",
                    cause="leave, or enter, goes on with an average or a count that after alone should go on with",
                )


@told_by("parameters-brought-back", "state-restored", "scratch-reused")
def looked_at_seldom(subject: Subject) -> None:
    """Steps lead to the same bits in one run between enter and leave, and in several."""
    wanted = _fitted(subject, (_STEPS,))
    for pieces in _PIECES:
        found = _fitted(subject, pieces)
        if not identical(found, wanted):
            raise Unmet(
                f"where {_STEPS} steps are made in runs of {', '.join(map(str, pieces))}, a parameter, or what the "
                f"model has in its place, is {difference(found, wanted, units=0)} in one run",
                expected="the same bits: how many steps lie between enter and leave depends on the clock",
                cause="enter or leave does what is to be done once a step; that belongs into before or after",
            )


def _fitted(subject: Subject, pieces: tuple[int, ...]) -> tuple[object, ...]:
    """The trained parameters and those that the model has in the end."""
    component, course = _course(subject)
    steps, trained = iter(gradients(_STEPS)), course.parameters
    for count in pieces:
        component.enter(course.parameters, course.context)
        for _ in range(count):
            course.turn(next(steps))
        trained = course.parameters.copy()
        component.leave(course.parameters, course.context)
    return trained, course.parameters


def _course(subject: Subject) -> tuple[Transform, Course]:
    component = subject.make()
    if not trains_others(component):
        raise NotApplicable("the transform has neither enter nor leave")
    return component, Course(component, update_context(subject.case.learning_rate), first_parameters())
