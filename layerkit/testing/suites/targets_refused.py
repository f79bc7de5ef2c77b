"""How costs and metrics refuse targets: by an error of layerkit's, whatever the targets hold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.metric import Metric
from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.predictions import cost_context, draw_pair, metric_context, shapes
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_STRANGE = (-1.0, 7.5, 1e30, math.nan)
_WHOLE = (-1, 7, 1000)
_DTYPES = ("float64", "float32", "int64", "uint8", "bool")


@told_by("target-dtypes", "label-dtypes", "no-broadcasting", "runs")
def targets_refused(subject: Subject) -> None:
    """Where check_target refuses targets, of any dtype, it does so by an error of layerkit's."""
    base = Cost if isinstance(subject.make(), Cost) else Metric
    if subject.target.check_target is base.check_target:
        raise NotApplicable("it refuses no targets beforehand: check_target is not its own")
    for shape in shapes(subject.case):
        component: Any = subject.make()
        prediction, drawn = draw_pair(component, subject.case, shape)
        context = cost_context() if base is Cost else metric_context(subject.case, prediction)
        for target in _targets(drawn):
            try:
                component.check_target(read_only(target), context)
            except LayerkitError:
                continue
            except Exception as error:
                raise Unmet(
                    f"check_target, of {target.dtype} targets that hold {target.flat[0]!s}: {type(error).__name__}: "
                    f"{error}",
                    expected="nothing, or a DataError that names the row, what is there and what is wanted",
                    cause="the error is of another class than layerkit.errors.DataError, so it ends a fit as a fault "
                    "of the program would; or an operation that this dtype does not know (−y of booleans)",
                ) from error


def _targets(drawn: Array) -> list[Array]:
    """Targets of any dtype, some with a number in their first place that may mean nothing."""
    floating = drawn.dtype.kind == "f"
    found = [drawn.astype(dtype) for dtype in _DTYPES if floating or np.dtype(dtype).kind != "f"]
    for number in (*_STRANGE, *_WHOLE) if floating else _WHOLE:
        changed = np.array(drawn)
        changed.flat[0] = number
        found.append(changed)
    return found
