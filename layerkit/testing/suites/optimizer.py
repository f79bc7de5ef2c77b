"""An optimizer: it goes downhill, in place, at the rate it is told, and forgets nothing."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np

from layerkit.errors import ArgumentError
from layerkit.interfaces.optimizer import Optimizer
from layerkit.schedules.constant import ConstantRate
from layerkit.testing.case import Case
from layerkit.testing.closeness import difference, identical
from layerkit.testing.rigs.repeatable import require_repeatable
from layerkit.testing.rigs.updates import (
    bowl,
    descend,
    first_parameters,
    follow,
    gradients,
    update_context,
)
from layerkit.testing.subject import Subject
from layerkit.testing.suite import suite, told_by
from layerkit.testing.suites.optimizer_numbers import reference_steps, zero_gradients
from layerkit.testing.suites.update_draws import draws_from_the_context
from layerkit.testing.suites.update_layouts import full_precision, layers_frozen
from layerkit.testing.suites.update_lengths import long_vectors
from layerkit.testing.suites.update_limits import bounded_steps, parameters_of_zero, without_an_epochs_length
from layerkit.testing.suites.update_memory import memory_above_its_minima
from layerkit.testing.suites.update_places import every_place_moves
from layerkit.testing.suites.update_shapes import parameters_of_any_shape
from layerkit.testing.suites.update_steady import steady_gradients
from layerkit.testing.suites.update_thawed import first_step_of_the_thawed
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Value

_STEPS = 200
_PERIODS = 12
"""Steps enough for an optimizer that moves at every second or fifth one alone."""
_CUTS = (1, 4, 7, 11)


def use(optimizer: Optimizer, case: Case, dtype: Any) -> Value:
    """Typical use, for the checks that all kinds share: all that it gave, as copies."""
    parameters = first_parameters(dtype)
    follow(optimizer, parameters, gradients(3, dtype), update_context(case.learning_rate, dtype=dtype))
    return parameters


@told_by("follows-the-learning-rate", "moves-in-place")
def quadratic_falls(subject: Subject) -> None:
    """From a start well away from it, the minimum of a convex quadratic comes nearer."""
    parameters = first_parameters()
    before, _ = bowl(parameters)
    descend(subject.make(), parameters, _STEPS, update_context(subject.case.learning_rate))
    after, _ = bowl(parameters)
    if not after < before:
        raise Unmet(
            f"½ Σ cᵢ θᵢ² went from {before:.4g} to {after:.4g} in {_STEPS} steps at the rate "
            f"{subject.case.learning_rate:g}",
            expected="a cost that falls",
            cause="a step along the gradient instead of against it, or one far too long or too short; the option "
            "learning_rate sets the rate of the checks",
        )


@told_by("full-precision", "follows-the-learning-rate")
def zero_rate_moves_nothing(subject: Subject) -> None:
    """At a learning rate of 0 the parameters stay, but for rounding."""
    parameters = first_parameters()
    follow(subject.make(), parameters, gradients(_PERIODS), update_context(0.0))
    told = difference(parameters, first_parameters())
    if told is not None:
        raise Unmet(
            f"at ctx.learning_rate = 0, a parameter is {told}",
            expected="no change",
            cause="self.learning_rate is used in the place of ctx.learning_rate (which has the schedule applied), or "
            "something is added that the rate does not scale",
        )


@told_by("moves-in-place", "floating-warnings")
def follows_the_learning_rate(subject: Subject) -> None:
    """The rate of a step is ctx.learning_rate, so that schedules work."""
    # none is the other's half: a search that halves or doubles would come to the same lengths
    paths = []
    for rate in (0.01, 0.017):
        optimizer, parameters, context = subject.make(), first_parameters(), update_context(rate)
        path = []
        for gradient in gradients(_PERIODS):
            follow(optimizer, parameters, [gradient], context)
            path.append(parameters.copy())
        paths.append(tuple(path))
    # where they lead may be the same: a search finds the minimum from any first length
    if identical(*paths):
        raise Unmet(
            f"{_PERIODS} steps at the rate 0.017 are the same as at 0.01",
            expected="the rate of ctx.learning_rate",
            cause="self.learning_rate, or a constant, is used in the place of ctx.learning_rate",
        )
    subject.make(learning_rate=ConstantRate(0.1))


@told_by("refuses-bad-arguments")
def refuses_bad_rates(subject: Subject) -> None:
    """A learning rate that is negative, infinite or no number is refused by an error that names it."""
    for bad in (-0.1, float("nan"), float("inf"), "0.1"):
        try:
            subject.make(learning_rate=bad)
        except (ArgumentError, TypeError, ValueError) as error:
            if "learning_rate" in str(error) and "unexpected keyword" not in str(error):
                continue
            raise Unmet(
                f"learning_rate={bad!r} raised {type(error).__name__}: {error}",
                expected="an ArgumentError that names learning_rate",
                cause="the argument has another name, or is not checked",
            ) from None
        raise Unmet(
            f"learning_rate={bad!r} was accepted",
            expected="an ArgumentError that names learning_rate",
            cause="the constructor does not check it: layerkit.arguments.check_number(self, 'learning_rate', value, "
            "minimum=0), unless it is a Schedule",
        )


def moves_in_place(subject: Subject) -> None:
    """The vector that is given is changed in place, and keeps its dtype's precision."""
    for dtype in (np.float64, np.float32):
        parameters = first_parameters(dtype)
        optimizer = subject.make()
        context = update_context(subject.case.learning_rate, dtype=dtype)
        follow(optimizer, parameters, gradients(_PERIODS, dtype), context)
        if identical(parameters, first_parameters(dtype)):
            raise Unmet(
                f"after {_PERIODS} updates the {np.dtype(dtype)} vector is as it was",
                expected="parameters that moved",
                cause="`parameters = parameters − …` makes a new array; write `parameters -= …` or out=parameters",
            )
        wide = [name for name, array in context.memory()["flat"].items() if array.dtype != dtype]
        if wide:
            raise Unmet(
                f"in a {np.dtype(dtype)} model the memory {', '.join(wide)} has another dtype",
                expected=str(np.dtype(dtype)),
                cause="memory is made by hand; ctx.state(name) makes it",
            )


def gradient_unchanged(subject: Subject) -> None:
    """The gradient is only read."""
    try:
        follow(subject.make(), first_parameters(), gradients(_PERIODS), update_context(subject.case.learning_rate))
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        raise Unmet(
            f"{error}",
            expected="a gradient that stays as it is, since transforms and callbacks may read it",
            cause="an in-place operation on gradient; work in ctx.scratch",
        ) from error


@told_by("scratch-reused", "runs-apart")
def state_restored(subject: Subject) -> None:
    """Saved after some steps and restored into a fresh optimizer and context, it goes on to the same bits."""
    steps = gradients(max(_CUTS) + 3)
    optimizer, parameters, context = subject.make(), first_parameters(), update_context(subject.case.learning_rate)
    resumed = []
    for step, gradient in enumerate(steps):
        if step in _CUTS:
            memory = copy.deepcopy(context.memory())
            json.dumps({"fills": memory["fills"], "slices": memory["slices"]})
            fresh = update_context(subject.case.learning_rate)
            fresh.restore(memory)
            fresh.step = context.step
            fresh.rng.bit_generator.state = context.rng.bit_generator.state
            resumed.append((step, parameters.copy(), fresh))
        follow(optimizer, parameters, [gradient], context)
    for cut, found, fresh in resumed:
        follow(subject.make(), found, steps[cut:], fresh)
        if not identical(found, parameters):
            raise Unmet(
                f"after {cut} steps, restored: {difference(found, parameters, units=0)}",
                expected="the same bits as without a stop",
                cause="something is remembered on self or in scratch; keep it in ctx.state(name) or "
                "ctx.numbers(name, count)",
            )


def scratch_reused(subject: Subject) -> None:
    """Steps in memory that was used before are those in fresh memory."""
    steps = gradients(_PERIODS)
    found, wanted, again = (first_parameters() for _ in range(3))
    optimizer, context = subject.make(), update_context(subject.case.learning_rate)
    for gradient in steps:
        context.scratch.overwrite(np.nan)
        follow(optimizer, found, [gradient], context)
    for parameters in (wanted, again):
        follow(subject.make(), parameters, steps, update_context(subject.case.learning_rate))
    told = difference(found, wanted)
    if told is not None:
        require_repeatable(wanted, again)
        raise Unmet(
            f"with scratch filled with NaN between the steps: {told}",
            expected="the same parameters",
            cause="scratch is used as memory from step to step; that is what ctx.state(name) is for",
        )


def runs_apart(subject: Subject) -> None:
    """One optimizer that serves two runs in turn gives each what it would get alone."""
    optimizer = subject.make()
    rate = subject.case.learning_rate
    one, other, alone = first_parameters(), first_parameters() + 1, first_parameters()
    contexts = update_context(rate), update_context(rate)
    for gradient in gradients(_PERIODS):
        follow(optimizer, one, [gradient], contexts[0])
        follow(optimizer, other, [gradient], contexts[1])
    follow(subject.make(), alone, gradients(_PERIODS), update_context(rate))
    told = difference(one, alone)
    if told is not None:
        raise Unmet(
            f"with another run in between, {told}",
            expected="what the run gives alone",
            cause="the optimizer's memory is on self; keep it in ctx.state(name) or ctx.numbers(name, count)",
        )


def nothing_to_move(subject: Subject) -> None:
    """A model whose layers are all frozen has no parameters to move, and an update is no error."""
    context = update_context(subject.case.learning_rate)
    context.lay_out((), np.dtype(np.float64))
    try:
        follow(subject.make(), np.zeros(0), [np.zeros(0)], context)
    except Exception as error:
        raise Unmet(
            f"{type(error).__name__}: {error}",
            expected="nothing happens",
            cause="a maximum or a mean over no values",
        ) from error


def keeps_non_finite(subject: Subject) -> None:
    """What declares keeps_non_finite keeps NaN and infinity of a gradient in the parameters or its memory."""
    if not subject.make().keeps_non_finite:
        raise NotApplicable("the optimizer does not declare keeps_non_finite")
    for wild in (np.nan, np.inf, -np.inf):
        parameters, context = first_parameters(), update_context(subject.case.learning_rate)
        steps = [np.array(gradient) for gradient in gradients(4)]
        steps[1][3] = wild
        follow(subject.make(), parameters, steps, context)
        if all(np.isfinite(array).all() for array in (parameters, *context.arrays())):
            raise Unmet(
                f"after a gradient with {wild} in it, parameters and memory are finite",
                expected="a trace of it, since keeps_non_finite is declared",
                cause="the gradient is clipped, or its sign alone is used; leave the declaration out",
            )


CHECKS = suite(
    gradient_unchanged,
    moves_in_place,
    refuses_bad_rates,
    full_precision,
    follows_the_learning_rate,
    zero_rate_moves_nothing,
    quadratic_falls,
    every_place_moves,
    parameters_of_any_shape,
    parameters_of_zero,
    long_vectors,
    without_an_epochs_length,
    zero_gradients,
    steady_gradients,
    draws_from_the_context,
    scratch_reused,
    runs_apart,
    state_restored,
    layers_frozen,
    first_step_of_the_thawed,
    memory_above_its_minima,
    nothing_to_move,
    keeps_non_finite,
    bounded_steps,
    reference_steps,
)
