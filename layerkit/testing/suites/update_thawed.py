"""What an optimizer or a transform does with a parameter that was frozen until now."""

from __future__ import annotations

import copy

import numpy as np

from layerkit.interfaces.transform import Transform, trains_others
from layerkit.interfaces.update_context import UpdateContext
from layerkit.testing.closeness import difference
from layerkit.testing.rigs.updates import Course, first_parameters, laid_out, slopes, update_context
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_OTHER = laid_out({"0.weight": (4, 3)})
_BOTH = laid_out({"0.weight": (4, 3), "1.weight": (3, 2)})
_START, _STOP = _BOTH[1].start, _BOTH[1].stop
_LATE = 720
"""How many steps come before, of others alone or of all: a multiple of small periods, so that what is done now and then
is done at the same steps as at first; and so many that a correction for the first steps has long ended."""
_WATCHED = 12
_LONGER = 1.5
"""Means that are corrected as those of others are, as Adam's by one count for all, make twice the step within a dozen
where the second one remembers 100 steps, and 5 times where it remembers 1000."""
_SHORTER = 4.0
"""A mean that begins at 0 may make half of a step at first."""
_NOTHING = 1e-9
_STRENGTHS = (0.0, 1.0, 5.0)
_SEED = 4


@told_by(
    "layers-frozen",
    "state-restored",
    "scratch-reused",
    "runs-apart",
    "every-place-moves",
    "parameters-brought-back",
    "looked-at-seldom",
)
def first_step_of_the_thawed(subject: Subject) -> None:
    """What was frozen until late moves as at first, or as what was always trained: it neither jumps nor stays."""
    component = subject.make()
    averages = isinstance(component, Transform) and trains_others(component)
    if getattr(component, "needs_evaluate", False):
        raise NotApplicable("the optimizer evaluates the cost itself, at all parameters at once")
    after_others = _after(subject, _LATE, 0.0, frozen=True)
    for strength in _STRENGTHS:
        late = _moves(subject, *after_others, strength)
        first, steady, found = (
            np.linalg.norm(moves, axis=1)
            for moves in (
                _moves(subject, *_after(subject, 0, strength), strength),
                _moves(subject, *_after(subject, _LATE, strength), strength),
                late,
            )
        )
        if not np.isfinite(first + steady).all():
            continue  # what that comes from has nothing to do with thawing
        # the mean that a model has in the place of what is trained may stay where it is for a while
        shortest = (0.0 if averages else 1 / _SHORTER) * np.minimum(first, steady)
        # what is done once, as pruning is from some step on, is done at once to what is thawed later
        longest = np.max([first, steady]) * _LONGER + _NOTHING
        wrong = np.flatnonzero(~(found <= longest))
        if found[0] < shortest[0] or found.sum() < shortest.sum():
            wrong = np.flatnonzero(found < shortest)
        if len(wrong) and not _others_matter(subject, after_others, strength, late):
            place = wrong[0]
            gradient = f"gradients of {strength:g} times the usual size" if strength else "a gradient of zeros"
            raise Unmet(
                f"{_BOTH[1].path}, thawed at ctx.step = {_LATE}, is moved by {found[place]:.3g} at its step "
                f"{place + 1}, by {gradient}; it is {first[place]:.3g} where that is the step {place + 1} of all, and "
                f"{steady[place]:.3g} where it has been trained all along",
                expected="a step of such a length: what ctx.state(name, fill) gives for a thawed parameter is fill",
                cause="what it keeps for each parameter (an average, a copy, a length) is begun where ctx.step is 0, "
                "and only there; begin it where it is still fill (NaN, say). Or a correction for the first steps "
                "goes by ctx.step, or by one count for all parameters in ctx.numbers; count the steps of each in "
                "ctx.slice_numbers(name)",
            )


def _others_matter(subject: Subject, after: tuple[UpdateContext, Array], strength: float, late: Array) -> bool:
    """Whether chance, or the gradients of other parameters, have a say in how far the thawed one moves."""
    by_chance = _moves(subject, *after, strength, seed=5)
    beside = _moves(subject, *after, strength, beside=1)
    return any(difference(other, late) is not None for other in (by_chance, beside))


def _after(subject: Subject, steps: int, strength: float, *, frozen: bool = False) -> tuple[UpdateContext, Array]:
    """The context and all parameters after some steps, of both parameters or of the other one alone."""
    slices = _OTHER if frozen else _BOTH
    context = update_context(subject.case.learning_rate, slices=slices, seed=_SEED)
    start = first_parameters(size=_STOP)
    course = Course(subject.make(), context, start[: slices[-1].stop].copy())
    for step in range(steps):
        course.step(_slope(strength, step)[: slices[-1].stop])
    start[: len(course.parameters)] = course.parameters
    return context, start


def _moves(
    subject: Subject, context: UpdateContext, start: Array, strength: float, *, seed: int = _SEED, beside: int = 0
) -> Array:
    """How far the watched parameter is moved by each of a dozen steps, by the same gradient in each."""
    context = copy.deepcopy(context)
    context.lay_out(_BOTH, np.dtype(np.float64))
    if seed != _SEED:
        context.rng = generator(seed)
    course = Course(subject.make(), context, start.copy())
    path = [course.parameters[_START:].copy()]
    for step in range(_WATCHED):
        course.step(_slope(strength, _LATE + step, beside))
        path.append(course.parameters[_START:].copy())
    moves: Array = np.diff(path, axis=0)
    return moves


def _slope(strength: float, step: int, beside: int = 0) -> Array:
    own = strength * slopes(_STOP - _START, 2)
    return np.concatenate([slopes(_START, step, beside), own])
