"""Checking the kernel of one component."""

from __future__ import annotations

import time
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np

from layerkit import Cost, Layer, Optimizer, Transform
from layerkit.errors import ArgumentError, EngineError
from layerkit.testing import Case, Failure, Note, Report
from layerkit_numba.registry import announced, find
from layerkit_numba.testing.subject import InapplicableError, Subject, UnmetError, subject_of

Check = Callable[[Subject], None]


def check_kernel(component: Any, /, **options: Any) -> Report:
    """Check the kernel of a component against the component itself: values, gradients, state, masks and all else.

    ``component``: a class, a component (its class is checked, with its arguments), or ``"module:Class"``. ``options``:
    those of ``layerkit.testing.Case``; ``arguments``, ``input_shapes``, ``inputs``, ``targets``, ``checks``,
    ``waived`` count. A check's name is that of its function in ``layerkit_numba.testing``, with hyphens.

    Raises:
        ArgumentError: the component is of no kind that has kernels, or there is no such check.

    >>> from layerkit import Tanh
    >>> report = check_kernel(Tanh, input_shapes=[(3,)])
    >>> report.ok, "gradients" in report.ran
    (True, True)
    """
    started = time.perf_counter()
    subject = subject_of(component, Case(**options))
    checks = _selected(subject)
    try:
        maker = find(subject.make(), subject.target.__name__)
    except EngineError as error:
        failure = Failure(_FIRST, str(error), "a kernel", "none was announced for this class by @kernel")
        return Report(subject.name, (_FIRST,), (), (failure,))
    _plan_another(subject)
    refusal = _refusal(subject, checks.get(_FIRST), maker)
    if refusal is not None:
        others = tuple(Note(name, f"the kernel is refused: {refusal}") for name in checks if name != _FIRST)
        return Report(subject.name, (_FIRST,), others, (), seconds=time.perf_counter() - started)
    ran: list[str] = []
    skipped: list[Note] = []
    failures: list[Failure] = []
    for name, check in checks.items():
        told_by = _explained(name, failures)
        if told_by is not None:
            skipped.append(Note(name, f"{told_by} fails, which may be why this would too"))
            continue
        outcome = _attempt(name, check, subject)
        if isinstance(outcome, Note):
            skipped.append(outcome)
            continue
        ran.append(name)
        if outcome is not None:
            failures.append(outcome)
    waived = tuple(Note(name, reason) for name, reason in subject.case.waived.items())
    return Report(
        component=subject.name,
        ran=tuple(ran),
        skipped=tuple(skipped),
        failures=tuple(failures),
        waived=waived,
        seconds=time.perf_counter() - started,
    )


def has_kernel(component: type) -> bool:
    """Whether a kernel is announced for a class, here or by a package that serves it.

    Raises:
        EngineError: the module that should hold it cannot be imported.
    """
    return announced(component, component.__name__)


def _plan_another(subject: Subject) -> None:
    """Have a kernel made for other arguments first, the defaults: what a maker keeps of it does not fit the case."""
    if subject.case.arguments:
        # the case's shapes and numbers may not fit the defaults, nor need there be any
        with suppress(Exception):
            _module_of(subject.target).plan(Subject(subject.target, replace(subject.case, arguments={})))


def _refusal(subject: Subject, first: Check | None, maker: Any) -> str | None:
    """What a maker says where it refuses the case by an EngineError of its own, as it may: numpy trains then."""
    try:
        if first is not None:
            first(subject)
    except EngineError as error:
        innermost = [frame for frame, _ in traceback.walk_tb(error.__traceback__)][-1]
        return str(error) if innermost.f_globals.get("__name__") == maker.__module__ else None
    except Exception:
        return None
    return None


def _attempt(name: str, check: Check, subject: Subject) -> Failure | Note | None:
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            check(subject)
    except UnmetError as unmet:
        return Failure(name, unmet.found, unmet.expected, unmet.cause)
    except InapplicableError as reason:
        return Note(name, str(reason))
    except Exception as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        found = f"{type(error).__name__}: {' '.join(lines[:_LINES])}"
        return Failure(
            name,
            found,
            "no error",
            "the kernel names what there is none of, a function does not compile for these arrays, or it needs a "
            "number that the compiler knows: Fixed(number)",
        )
    return None


_LINES = 4
_FIRST, _VALUES = "kernel-made", ("values", "costs")
_OF_THEIR_OWN = ("gradients", "states", "random-numbers", "leaves-what-it-is-given")


def _explained(name: str, failures: list[Failure]) -> str | None:
    """The failure that explains one of this check: nothing can be said without a kernel, little of a wrong one."""
    failed = [failure.check for failure in failures]
    if name in _VALUES:
        failed = [each for each in failed if each == _FIRST]
    elif name in _OF_THEIR_OWN:
        failed = [each for each in failed if each in (_FIRST, *_VALUES)]
    return failed[0] if failed else None


def _module_of(kind: type) -> Any:
    """The module with the checks of a kind.

    Raises:
        ArgumentError: it is of no kind that has kernels.
    """
    for name, bases in (("layer", Layer), ("cost", Cost), ("update", (Optimizer, Transform))):
        if issubclass(kind, bases):
            return import_module(f"layerkit_numba.testing.{name}_checks")
    raise ArgumentError(
        f"{kind.__name__} is of no kind that has kernels: layers, costs, optimizers and transforms have"
    )


def _selected(subject: Subject) -> dict[str, Check]:
    checks = _module_of(subject.target).CHECKS
    known = {check.__name__.replace("_", "-"): check for check in checks}
    case = subject.case
    for name in (*(case.checks or ()), *case.waived):
        if name not in known:
            raise ArgumentError(f"there is no check {name!r} of such a kernel; there are {', '.join(known)}")
    return {
        name: check
        for name, check in known.items()
        if name not in case.waived and (case.checks is None or name in case.checks)
    }
