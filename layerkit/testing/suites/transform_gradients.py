"""What a transform leaves of gradients is something to learn from: not 0 for ever, in a single number neither."""

from __future__ import annotations

import numpy as np

from layerkit.interfaces.transform import Transform
from layerkit.testing.rigs.updates import Course, first_parameters, laid_out, slopes, update_context
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet

_SLICES = laid_out({"0.weight": (4, 3), "0.bias": (3,), "1.weight": (3, 1), "1.bias": (1,)})
_SIZE = _SLICES[-1].stop
_STEPS, _MANY = 12, 400
"""How many steps are watched, and how many where something never gets through: it may begin late."""


@told_by("works-in-place", "every-place-changes", "layers-frozen", "zero-gradient")
def gradients_get_through(subject: Subject) -> None:
    """Gradients do not become 0 for ever, neither all of them nor that of a bias which is a single number."""
    if subject.target.before is Transform.before:
        raise NotApplicable("it leaves gradients alone")
    through, moved = _watch(subject, _STEPS)
    if not through["1.bias"]:
        through, moved = _watch(subject, _MANY)
    if not any(through.values()) and not moved:
        raise Unmet(
            f"in {_MANY} steps all gradients become 0, and no parameter moves",
            expected="gradients from which a network learns, sooner or later",
            cause="the gradient is held to a mean, or a maximum, of what it became in earlier steps, which begins at 0",
        )
    if through["0.bias"] and not through["1.bias"]:
        raise Unmet(
            f"the gradient of 1.bias, a single number, became 0 in all of {_MANY} steps, that of 0.bias, of 3 numbers, "
            "did not",
            expected="a gradient, whatever number of units a layer has",
            cause="the mean over a vector is taken off the gradient, and that of a single number is itself: leave "
            "vectors out (len(each.shape) < 2)",
        )


def _watch(subject: Subject, steps: int) -> tuple[dict[str, bool], bool]:
    """Of which parameters something of the gradient got through, and whether any parameter moved."""
    start = first_parameters(size=_SIZE)
    course = Course(subject.make(), update_context(subject.case.learning_rate, slices=_SLICES), start.copy())
    seen = np.zeros(_SIZE, bool)
    for step in range(steps):
        course.step(slopes(_SIZE, step))
        seen |= course.gradient != 0
        if seen.all():
            break
    through = {each.path: bool(seen[each.start : each.stop].any()) for each in _SLICES}
    return through, not np.array_equal(course.parameters, start)
