"""Parameters of every shape that layers declare: a single number without an axis, one row, five axes."""

from __future__ import annotations

import numpy as np

from layerkit.testing.rigs.updates import Course, first_parameters, laid_out, slopes, update_context
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import Unmet

_SHAPES = {
    "0.slope": (),
    "0.bias": (1,),
    "0.weight": (1, 4),
    "1.weight": (5, 1),
    "1.bias": (5,),
    "2.weight": (2, 1, 3, 2, 2),
}
_STEPS = 6


@told_by("zero-gradients", "zero-gradient", "moves-in-place", "works-in-place", "floating-warnings", "layers-frozen")
def parameters_of_any_shape(subject: Subject) -> None:
    """A parameter may be a single number, of no axis or of one, a row, a column, or have five axes."""
    for path, shape in _SHAPES.items():
        slices = laid_out({path: shape})
        size = slices[-1].stop
        context = update_context(subject.case.learning_rate, slices=slices)
        course = Course(subject.make(), context, first_parameters(size=size))
        told = f"with a parameter of shape {shape}"
        try:
            for step in range(_STEPS):
                course.step(slopes(size, step))
        except Exception as error:
            raise Unmet(
                f"{told}: {type(error).__name__}: {error}",
                expected="a step: activations have parameters of shape (), convolutions such of many axes",
                cause="an axis of each.shape is taken that is not there: ask len(each.shape)",
            ) from error
        if not all(np.isfinite(array).all() for array in (course.parameters, course.gradient, *context.arrays())):
            raise Unmet(
                f"{told} the parameter, its gradient or memory is not finite",
                expected="finite numbers: activations and norms have parameters of shape () and (1,)",
                cause="a deviation, or a spread, is taken of a single number, which is 0",
            )
