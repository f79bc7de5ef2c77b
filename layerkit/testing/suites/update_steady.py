"""Steps under a gradient that stays as it is, as on a slope: what cancels out then may fall below 0 by rounding."""

from __future__ import annotations

import numpy as np

from layerkit.testing.rigs.updates import Course, first_parameters, laid_out, slopes, update_context
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet

_SLICES = laid_out({"0.weight": (20, 12), "0.bias": (12,)})
_SIZE = _SLICES[-1].stop
_STEPS = 240
_SIZES = (0.01, 1.0, 8.0)


@told_by("zero-gradients", "zero-gradient", "moves-in-place", "works-in-place", "dtypes-kept", "floating-warnings")
def steady_gradients(subject: Subject) -> None:
    """The same gradient for some hundred steps, in float32, leaves all finite."""
    if getattr(subject.make(), "needs_evaluate", False):
        raise NotApplicable("the optimizer evaluates the cost itself")
    context = update_context(subject.case.learning_rate, slices=_SLICES, dtype=np.float32)
    course = Course(subject.make(), context, first_parameters(np.float32, _SIZE))
    push = (slopes(_SIZE, 0) * np.resize(_SIZES, _SIZE)).astype(np.float32)
    push.flags.writeable = False
    for _ in range(_STEPS):
        course.step(push)
    if not all(np.isfinite(array).all() for array in (course.parameters, course.gradient, *context.arrays())):
        raise Unmet(
            f"after {_STEPS} steps by the same gradient, parameters or memory are not finite in float32",
            expected="finite numbers: where the cost is a slope, as far from its minimum, gradients hardly change",
            cause="the root of a difference that is 0 but for rounding, as the mean of g² less the squared mean of g: "
            "take max(…, 0) first; or a length that grows in each step without a bound",
        )
