"""Arguments at their ends: the least and the greatest number that a constructor takes work as any other does."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.testing.inputs import parts
from layerkit.testing.subject import Subject
from layerkit.testing.suite import exercise, suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Value

_KINDS = ("layers", "activations", "costs", "optimizers", "transforms", "schedules", "initializers", "metrics")
"""Those whose use takes no fit and no file."""
_BEYOND = 1e-9
_MEASURES = "metrics"
"""These may have no number to tell."""


@told_by("runs", "refuses-bad-arguments", "inputs-not-mutated")
def arguments_at_their_ends(subject: Subject) -> None:
    """An argument may be 0, or 1, where that is the least or the greatest number that it takes."""
    if subject.kind is None or subject.kind.name not in _KINDS:
        raise NotApplicable("a fit, or a file, is needed to use it")
    if subject.case.inputs is not None:
        raise NotApplicable("the case draws the inputs, which may be meant for its own arguments")
    tried = False
    for name, given in subject.make().config.items():
        if isinstance(given, bool) or not isinstance(given, (int, float)):
            continue
        for end in _ends(subject, name, given):
            tried = True
            _require_use(subject, name, end)
    if not tried:
        raise NotApplicable("no argument is a number of which 0 or 1 is an end, and another than the case's")


def _ends(subject: Subject, name: str, given: float) -> Iterator[float]:
    """0 and 1, where the argument takes that number and none beyond it."""
    kind = type(given)
    for end, beyond in ((0, -1), (1, 0)) if kind is int else ((0.0, -_BEYOND), (1.0, 1 + _BEYOND)):
        if end != given and _taken(subject, name, end) and not _taken(subject, name, beyond):
            yield kind(end)


def _taken(subject: Subject, name: str, value: float) -> bool:
    try:
        subject.make(**{name: value})
    except Exception:
        return False
    return True


def _require_use(subject: Subject, name: str, end: float) -> None:
    try:
        found = exercise(subject.make(**{name: end}), subject.case)
    except LayerkitError:
        return  # it does not fit the other arguments, or the shape, and says so
    except Exception as error:
        raise Unmet(
            f"with {name}={end!r}, which is taken: {type(error).__name__}: {error}",
            expected=_EXPECTED,
            cause=f"the end of what {name} may be is not thought of: x[:-n] is empty for n = 0, and 1 / (1 − rate) "
            "has no value for a rate of 1. Treat it by itself, or refuse it in the constructor",
        ) from error
    assert subject.kind is not None
    if subject.kind.name == _MEASURES or _finite(found) or not _finite(exercise(subject.make(), subject.case)):
        return
    raise Unmet(
        f"with {name}={end!r}, which is taken, it gives numbers that are not finite",
        expected=_EXPECTED,
        cause=f"a division by what is 0 there, as 1 − {name} or {name} itself, or a logarithm of it: treat the end by "
        "itself, or refuse it in the constructor",
    )


_EXPECTED = "what any other number gives, or a constructor that refuses this one"


def _finite(value: Value) -> bool:
    return all(np.isfinite(array).all() for array in parts(value) if array.dtype.kind == "f")


ENDS = suite(arguments_at_their_ends)
