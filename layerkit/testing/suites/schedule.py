"""A schedule: a rate for every step, from the step alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from layerkit.errors import ArgumentError
from layerkit.interfaces.schedule import Schedule
from layerkit.interfaces.update_context import UpdateContext
from layerkit.testing.case import Case
from layerkit.testing.rigs.updates import SLICES, STEPS_PER_EPOCH, update_context
from layerkit.testing.subject import Subject
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Value

_STEPS = (*range(30), 99, 100, 101, 1_000, 10**6, 10**9)
_EPOCHS = (1, 2, 3, 1000)
_SHORT = (1, 2, 3)


def use(schedule: Schedule, case: Case, dtype: Any) -> Value:
    """Typical use, for the checks that all kinds share: all that it gave, as copies."""
    context = update_context(case.learning_rate)
    return np.array([_rate(schedule, step, context) for step in range(40)])


def rates_usable(subject: Subject) -> None:
    """Every step's rate is a finite number of at least 0, from the first step to the thousand-millionth."""
    schedule, context = subject.make(), update_context(0.0)
    for step in _STEPS:
        rate: Any = _rate(schedule, step, context)
        if not isinstance(rate, (int, float, np.number)) or not np.isfinite(rate) or rate < 0:
            array = isinstance(rate, np.ndarray)
            raise Unmet(
                f"rate({step}) is {rate!r}" + (", an array and not a number" if array else ""),
                expected="a finite number, at least 0",
                cause="NumPy gives an array for an array: write float(…)"
                if array
                else "the formula runs on past the end of the schedule, or divides by 0 at step 0",
            )


@told_by("rates-usable")
def no_memory(subject: Subject) -> None:
    """A step's rate is the same whatever was asked before, since training may resume anywhere."""
    forth, back = subject.make(), subject.make()
    context = update_context(0.0)
    first = [_rate(forth, step, context) for step in _STEPS]
    second = [_rate(back, step, context) for step in reversed(_STEPS)][::-1]
    for step, one, other in zip(_STEPS, first, second, strict=True):
        if one != other:
            raise Unmet(
                f"rate({step}) is {one!r}, and {other!r} when later steps were asked for before",
                expected="the same rate",
                cause="the schedule counts its calls, draws from ctx.rng, or remembers the last rate; compute it from "
                "step alone",
            )


@told_by("rates-usable", "no-memory")
def step_alone(subject: Subject) -> None:
    """A step's rate follows from the step and an epoch's length, whatever else the context says."""
    schedule = subject.make()
    for step in _STEPS:
        wanted = _rate(schedule, step, update_context(0.0))
        for what, context in _elsewhere(step).items():
            rate = schedule.rate(step, context)
            if rate != wanted:
                raise Unmet(
                    f"rate({step}) is {rate!r} with another {what}, and else {wanted!r}",
                    expected="the rate of the step that is asked for: it may be another than the one under way",
                    cause=f"{what} is read in the place of the argument step; compute the rate from step alone",
                )


def _elsewhere(step: int) -> dict[str, UpdateContext]:
    """Contexts that differ in one respect each from the one that a training step has."""
    found = {
        "ctx.step": update_context(0.0),
        "ctx.learning_rate": update_context(0.3),
        "ctx.slices": update_context(0.0, slices=SLICES[:1]),
    }
    for what, context in found.items():
        context.step = step + 7 if what == "ctx.step" else step
    return found


def _rate(schedule: Schedule, step: int, context: UpdateContext) -> Any:
    """The rate as training asks for it."""
    context.step = step
    return schedule.rate(step, context)


def without_an_epochs_length(subject: Subject) -> None:
    """For a stream of unknown length, it works or says with an ArgumentError that it needs an epoch's length."""
    schedule = subject.make()
    for step in _STEPS:
        try:
            schedule.rate(step, update_context(0.0, steps_per_epoch=None))
        except ArgumentError:
            return
        except Exception as error:
            raise Unmet(
                f"{type(error).__name__}: {error}",
                expected="a rate, or an ArgumentError",
                cause="ctx.steps_per_epoch is None for a stream: say that the schedule needs an epoch's length",
            ) from error
    of_lengths = [[_rate(schedule, step, update_context(0.0, steps_per_epoch=n)) for step in _STEPS] for n in _SHORT]
    if of_lengths[0] == of_lengths[1] or of_lengths[1] == of_lengths[2]:
        return  # it goes by steps, as far as short epochs tell
    if [_rate(schedule, step, update_context(0.0, steps_per_epoch=None)) for step in _STEPS] == of_lengths[0]:
        raise Unmet(
            "its rates for a stream of unknown length are those for epochs of one step",
            expected="an ArgumentError: how many epochs there have been, nobody knows",
            cause="ctx.steps_per_epoch or 1: what falls once an epoch falls at every step of a stream",
        )


@told_by("rates-usable")
def epochs_of_any_length(subject: Subject) -> None:
    """Where an epoch has one step, two, three or a thousand, every rate is finite and at least 0."""
    schedule = subject.make()
    for length in _EPOCHS:
        context = update_context(0.0, steps_per_epoch=length)
        for step in _STEPS:
            told = f"where an epoch has {length} step{'s' * (length > 1)}, rate({step})"
            try:
                rate = _rate(schedule, step, context)
            except ArgumentError:
                break  # it says that it needs longer ones
            except Exception as error:
                raise Unmet(
                    f"{told} raises {type(error).__name__}: {error}", expected=_USABLE, cause=_LENGTHS
                ) from error
            if not np.isfinite(rate) or rate < 0:
                raise Unmet(f"{told} is {rate!r}", expected=_USABLE, cause=_LENGTHS)


_USABLE = "a finite number, at least 0, or an ArgumentError that says how long an epoch must be"
_LENGTHS = (
    "a division by ctx.steps_per_epoch − 1, or by a share of an epoch that is rounded to no step: a small set of data "
    "is one batch, and one step an epoch"
)


@told_by("rates-usable", "no-memory", "step-alone")
def reference_rates(subject: Subject) -> None:
    """The rates are those that the author gives for some steps."""
    reference = subject.case.reference
    if not isinstance(reference, Mapping):
        raise NotApplicable("no reference is given")
    schedule, context = subject.make(), update_context(0.0)
    for step, wanted in reference.items():
        rate = _rate(schedule, step, context)
        if not abs(rate - wanted) <= 1e-12 * max(1.0, abs(wanted)):
            raise Unmet(
                f"rate({step}) is {rate!r}",
                expected=f"{wanted!r}",
                cause="steps are counted from 0, and here an epoch has "
                f"{STEPS_PER_EPOCH} of them: look for an off-by-one, or steps taken for epochs",
            )


CHECKS = suite(rates_usable, no_memory, step_alone, without_an_epochs_length, epochs_of_any_length, reference_rates)
