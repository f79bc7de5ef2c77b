"""Random numbers of optimizers and transforms are those of ctx.rng, which the run's seed decides."""

from __future__ import annotations

import numpy as np

from layerkit.testing.rigs.updates import Course, laid_out, update_context
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_PLACES = 61
_STEPS = 4
_ALIKE = 1e-6
_SAME_PATTERN = 0.99


@told_by("moves-in-place", "works-in-place", "scratch-reused", "same-seed-same-result", "full-precision")
def draws_from_the_context(subject: Subject) -> None:
    """Equal parameters with equal gradients are moved by random numbers of ctx.rng, or not at random at all."""
    if getattr(subject.make(), "needs_evaluate", False):
        raise NotApplicable("the optimizer evaluates the cost itself, which is another in each place")
    context = update_context(subject.case.learning_rate, slices=laid_out({"0.weight": (_PLACES, 1)}))
    course, ways = Course(subject.make(), context, np.full(_PLACES, 1.5)), []
    generator = context.rng.bit_generator
    for step in range(_STEPS):
        before, state = course.parameters.copy(), generator.state
        course.step(np.full(_PLACES, 0.7 * (step + 1)))
        if generator.state != state:
            return
        ways.append(course.parameters - before)
    # what is always the same, a mask or a projection that was once drawn say, may be the component's own
    if all(map(_scattered, ways)) and abs(np.corrcoef(ways[0], ways[-1])[0, 1]) < _SAME_PATTERN:
        raise Unmet(
            f"{_PLACES} equal parameters with equal gradients move by different numbers, others in each step, and "
            "ctx.rng is as it was",
            expected="random numbers from ctx.rng: then the run's seed decides them, two components draw different "
            "ones, and a resumed run goes on with them",
            cause="a generator is made in the step, with ctx.step for its seed",
        )


def _scattered(way: Array) -> bool:
    """Whether most places went ways of their own."""
    size = np.abs(way).max()
    return bool(size > 0 and len(np.unique(np.round(way / size / _ALIKE))) > len(way) // 2)
