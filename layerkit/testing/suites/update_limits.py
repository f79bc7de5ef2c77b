"""Steps under what is rare: a rate of 0, a stream, gradients of any length where steps are said to be bounded."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from layerkit.errors import ArgumentError
from layerkit.testing.rigs.updates import SIZE, SLICES, Course, first_parameters, gradients, slopes, update_context
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_STEPS = 8
_LARGE, _LARGER = 1e3, 1e6
_LONGER = 2.0
_FIRST = 3


@told_by("moves-in-place")
def bounded_steps(subject: Subject) -> None:
    """What declares bounded_steps moves no parameter further where gradients are a thousand times larger."""
    optimizer = subject.make()
    if not optimizer.bounded_steps or optimizer.needs_evaluate:
        raise NotApplicable("the optimizer does not declare bounded_steps, or evaluates the cost itself")
    for told, small in (("from the first step on", 0), (f"after {_FIRST} small ones", _FIRST)):
        large, larger = (_longest(subject, small, strength) for strength in (_LARGE, _LARGER))
        if not larger <= _LONGER * large:
            raise Unmet(
                f"gradients of {_LARGER:.0e} times the usual size, {told}, move a parameter by {larger:.3g} in one "
                f"step, and those of {_LARGE:.0e} times it by {large:.3g}",
                expected="steps of the same length: bounded_steps says that the rate alone limits them",
                cause="the step grows with the gradient: leave the declaration out, or divide by the gradient's size",
            )


def _longest(subject: Subject, small: int, strength: float) -> float:
    """The longest way of a place in one step."""
    course = Course(subject.make(), update_context(subject.case.learning_rate), first_parameters())
    longest = 0.0
    for step in range(small + _STEPS):
        before = course.parameters.copy()
        course.step((strength if step >= small else 1.0) * slopes(SIZE, step))
        longest = max(longest, float(np.abs(course.parameters - before).max()))
    return longest


@told_by("zero-gradient", "works-in-place")
def rate_of_zero(subject: Subject) -> None:
    """At a learning rate of 0, as a warm-up begins with, all stays finite."""
    course = Course(subject.make(), update_context(0.0), first_parameters())
    for gradient in gradients(3):
        course.step(gradient)
        if not all(np.isfinite(array).all() for array in (course.gradient, course.parameters)):
            raise Unmet(
                "at ctx.learning_rate = 0 the gradient or the parameters are not finite",
                expected="finite numbers: a schedule may begin, or end, with a rate of 0",
                cause="a division by ctx.learning_rate",
            )


@told_by(
    "zero-gradients",
    "zero-gradient",
    "moves-in-place",
    "works-in-place",
    "floating-warnings",
    "layers-frozen",
    "parameters-of-any-shape",
)
def parameters_of_zero(subject: Subject) -> None:
    """Where parameters are exactly 0, all of one, or a row or a column, all stays finite."""
    for told, start in _with_zeros():
        context = update_context(subject.case.learning_rate)
        course = Course(subject.make(), context, start)
        # at rest, too: what is 0 then stays so
        for gradient in (np.zeros(SIZE), *gradients(2)):
            course.step(gradient)
            if all(np.isfinite(array).all() for array in (course.gradient, course.parameters, *context.arrays())):
                continue
            raise Unmet(
                f"where {told} 0, the gradient, the parameters or what is kept is not finite",
                expected="finite numbers: biases begin with zeros, so do last layers, and units are pruned",
                cause="a division by the length of a parameter, of a row or of a column of it: take 1 where that is 0",
            )


def _with_zeros() -> Iterator[tuple[str, Array]]:
    """Parameters of which some are 0, and which."""
    yield "all parameters are", np.zeros(SIZE)
    for told, zeros in (("a row of each matrix is", np.s_[0]), ("a column of each matrix is", np.s_[:, 0])):
        start = first_parameters()
        for each in SLICES:
            if len(each.shape) > 1:
                start[each.start : each.stop].reshape(each.shape)[zeros] = 0.0
        yield told, start


@told_by("moves-in-place", "works-in-place")
def without_an_epochs_length(subject: Subject) -> None:
    """On a stream of unknown length it works, or says with an ArgumentError that it needs an epoch's length."""
    if getattr(subject.make(), "needs_evaluate", False):
        raise NotApplicable("the optimizer evaluates the cost of all of the data, which a stream does not give")
    context = update_context(subject.case.learning_rate, steps_per_epoch=None)
    course = Course(subject.make(), context, first_parameters())
    try:
        for gradient in gradients(_STEPS):
            course.step(gradient)
    except ArgumentError:
        return
    except Exception as error:
        raise Unmet(
            f"where ctx.steps_per_epoch is None: {type(error).__name__}: {error}",
            expected="a step, or an ArgumentError that says that it needs an epoch's length",
            cause="ctx.steps_per_epoch is None for a stream of unknown length, and is used as a number",
        ) from error
