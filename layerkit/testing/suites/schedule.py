"""A schedule: a rate for every step, from the step alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from layerkit.errors import ArgumentError
from layerkit.interfaces.schedule import Schedule
from layerkit.testing.case import Case
from layerkit.testing.rigs.updates import STEPS_PER_EPOCH, update_context
from layerkit.testing.subject import Subject
from layerkit.testing.suite import suite
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Value

_STEPS = (*range(30), 99, 100, 101, 1_000, 10**6, 10**9)


def use(schedule: Schedule, case: Case, dtype: Any) -> Value:
    """Typical use, for the checks that all kinds share: all that it gave, as copies."""
    context = update_context(case.learning_rate)
    return np.array([schedule.rate(step, context) for step in range(40)])


def rates_usable(subject: Subject) -> None:
    """Every step's rate is a finite number of at least 0, from the first step to the thousand-millionth."""
    schedule, context = subject.make(), update_context(0.0)
    for step in _STEPS:
        rate: Any = schedule.rate(step, context)
        if not isinstance(rate, (int, float, np.number)) or not np.isfinite(rate) or rate < 0:
            raise Unmet(
                f"rate({step}) is {rate!r}",
                expected="a finite number, at least 0",
                cause="the formula runs on past the end of the schedule, or divides by 0 at step 0",
            )


def no_memory(subject: Subject) -> None:
    """A step's rate is the same whatever was asked before, since training may resume anywhere."""
    forth, back = subject.make(), subject.make()
    context = update_context(0.0)
    first = [forth.rate(step, context) for step in _STEPS]
    second = [back.rate(step, context) for step in reversed(_STEPS)][::-1]
    for step, one, other in zip(_STEPS, first, second, strict=True):
        if one != other:
            raise Unmet(
                f"rate({step}) is {one!r}, and {other!r} when later steps were asked for before",
                expected="the same rate",
                cause="the schedule counts its calls, or remembers the last rate; compute it from step alone",
            )


def without_an_epochs_length(subject: Subject) -> None:
    """For a stream of unknown length, it works or says with an ArgumentError that it needs an epoch's length."""
    try:
        subject.make().rate(3, update_context(0.0, steps_per_epoch=None))
    except ArgumentError:
        return
    except Exception as error:
        raise Unmet(
            f"{type(error).__name__}: {error}",
            expected="a rate, or an ArgumentError",
            cause="ctx.steps_per_epoch is None for a stream: say that the schedule needs an epoch's length",
        ) from error


def reference_rates(subject: Subject) -> None:
    """The rates are those that the author gives for some steps."""
    reference = subject.case.reference
    if not isinstance(reference, Mapping):
        raise NotApplicable("no reference is given")
    schedule, context = subject.make(), update_context(0.0)
    for step, wanted in reference.items():
        rate = schedule.rate(step, context)
        if not abs(rate - wanted) <= 1e-12 * max(1.0, abs(wanted)):
            raise Unmet(
                f"rate({step}) is {rate!r}",
                expected=f"{wanted!r}",
                cause="steps are counted from 0, and here an epoch has "
                f"{STEPS_PER_EPOCH} of them: look for an off-by-one, or steps taken for epochs",
            )


CHECKS = suite(rates_usable, no_memory, without_an_epochs_length, reference_rates)
