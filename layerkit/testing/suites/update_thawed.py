"""What an optimizer or a transform does with a parameter that was frozen until now."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from layerkit.testing.closeness import difference
from layerkit.testing.rigs.updates import Course, first_parameters, laid_out, slopes, update_context
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_OTHER = laid_out({"0.weight": (4, 3)})
_BOTH = laid_out({"0.weight": (4, 3), "1.weight": (3, 2)})
_START, _STOP = _BOTH[1].start, _BOTH[1].stop
_LATE = 2
_LONGER = 3.0
_SHORTER = 4.0
"""A mean that is corrected by the steps of the whole run, as Adam's is, makes a third of the step after two others."""
_NOTHING = 1e-9
_STRENGTHS = (0.0, 1.0, 5.0)


class _Way(NamedTuple):
    """How a step of the watched parameter comes about."""

    frozen: bool
    """Whether the parameter was frozen in the steps before."""
    before: int = _LATE
    """How many steps there were before."""
    seed: int = 4
    beside: int = 0
    """Which gradient the other parameter has at the step."""


_THAWED = _Way(frozen=True)
_ELSEWISE = (_Way(frozen=True, seed=5), _Way(frozen=True, beside=1))


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
    """What was frozen until now moves as at a first step, or as what was always trained: it neither jumps nor stays."""
    if getattr(subject.make(), "needs_evaluate", False):
        raise NotApplicable("the optimizer evaluates the cost itself, at all parameters at once")
    for strength in _STRENGTHS:
        late = _move(subject, _THAWED, strength)
        if any(difference(_move(subject, way, strength), late) is not None for way in _ELSEWISE):
            continue  # chance, or other parameters, have a say in how long it is
        first, steady = (
            float(np.linalg.norm(_move(subject, way, strength)))
            for way in (_Way(frozen=False, before=0), _Way(frozen=False))
        )
        found = float(np.linalg.norm(late))
        if not np.isfinite(first + steady):
            continue  # what that comes from has nothing to do with thawing
        shortest, longest = min(first, steady) / _SHORTER, max(first, steady) * _LONGER + _NOTHING
        if not shortest <= found <= longest:
            gradient = f"a gradient of {strength:g} times the usual size" if strength else "a gradient of zeros"
            raise Unmet(
                f"{_BOTH[1].path}, thawed after {_LATE} steps of others, is moved by {found:.3g} at its first step, by "
                f"{gradient}; it is {first:.3g} where that is the first step of all, and {steady:.3g} where it has "
                "been trained all along",
                expected="a step of such a length: what ctx.state(name, fill) gives for a thawed parameter is fill",
                cause="what it keeps for each parameter (an average, a copy, a length) is begun where ctx.step is 0, "
                "and only there; begin it where it is still fill (NaN, say), or count in ctx.state(name)",
            )


def _move(subject: Subject, way: _Way, strength: float) -> Array:
    """How far the watched parameter is moved by a step."""
    component = subject.make()
    slices = _OTHER if way.frozen and way.before else _BOTH
    context = update_context(subject.case.learning_rate, slices=slices, seed=way.seed)
    start = first_parameters(size=_STOP)
    own = strength * slopes(_STOP - _START, _LATE)
    course = Course(component, context, start[: slices[-1].stop].copy())
    for step in range(way.before):
        course.step(np.concatenate([slopes(_START, step), own])[: slices[-1].stop])
    context.lay_out(_BOTH, np.dtype(np.float64))
    start[: len(course.parameters)] = course.parameters
    course = Course(component, context, start.copy())
    course.step(np.concatenate([slopes(_START, _LATE, way.beside), own]))
    moved: Array = (course.parameters - start)[_START:]
    return moved
