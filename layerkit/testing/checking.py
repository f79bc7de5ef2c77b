"""Running checks over a component."""

from __future__ import annotations

import traceback
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from layerkit.errors import ArgumentError
from layerkit.testing.case import Case, as_case
from layerkit.testing.report import Failure, Note, Report
from layerkit.testing.subject import Subject, subject_of
from layerkit.testing.suite import Check, checks_of, surroundings_of
from layerkit.testing.verdicts import NotApplicable, Unmet

_GATES = ("concrete-subclass", "takes-its-arguments")
_HERE = str(Path(__file__).parent)


def check(component: Any, /, **options: Any) -> Report:
    """Check one component, and report what it does wrong and why that may be.

    ``component``: a class, a component (its class is checked, with its arguments), or ``"module:Class"``. ``options``:
    those of ``Case``. Every number that is drawn comes from a fixed seed, so a second run says the same.

    Raises:
        ArgumentError: there is no such option or check, or an expected failure lacks its reason.

    >>> from layerkit import Dense
    >>> report = check(Dense, arguments={"units": 3}, input_shapes=[(4,)])
    >>> report.ok, len(report.ran) > 30
    (True, True)
    """
    return check_case(component, as_case(options))


def check_case(component: Any, case: Case) -> Report:
    """``check`` in one case.

    Raises:
        ArgumentError: the case names a check that does not exist.
    """
    try:
        subject = subject_of(component, case)
    except (ImportError, AttributeError) as error:
        return unresolved(str(component), error)
    ran: list[str] = []
    skipped: list[Note] = []
    failures: list[Failure] = []
    expected: list[Note] = []
    reasons = subject.case.expected_failures
    errors: dict[str, str] = {}
    failed: set[str] = set()
    stopped: str | None = None
    for each in selected(subject):
        if stopped is not None:
            skipped.append(Note(each.name, f"{stopped} fails, and nothing can be checked without it"))
            continue
        teller = next((name for name in each.told_by if name in failed), None)
        if teller is not None and each.name not in reasons:
            skipped.append(Note(each.name, f"{teller} fails, and this would say nothing new"))
            continue
        outcome = attempt(each, subject)
        if isinstance(outcome, Note):
            skipped.append(outcome)
            continue
        if isinstance(outcome, Failure) and outcome.check in _GATES:
            stopped = each.name
        if isinstance(outcome, Failure) and outcome.found in errors and outcome.cause == _BY_ITSELF:
            # one fault that stops every check is told once, by the first
            skipped.append(Note(each.name, f"it is stopped by the same error as {errors[outcome.found]}"))
            continue
        ran.append(each.name)
        if isinstance(outcome, Failure):
            failed.add(each.name)
            errors.setdefault(outcome.found, each.name)
            if each.name in reasons:
                expected.append(Note(each.name, reasons[each.name]))
            else:
                failures.append(outcome)
    done = {note.check for note in expected}
    failures += [unexpected_pass(name, reason) for name, reason in reasons.items() if name not in done]
    if not ran:
        failures.append(
            Failure("any", "no check ran", "at least one", "the option checks names none, or none of them applies")
        )
    return Report(subject.name, tuple(ran), tuple(skipped), tuple(failures), tuple(expected))


def selected(subject: Subject) -> tuple[Check, ...]:
    """The checks that apply to a subject's kind, those of the case's choice.

    Raises:
        ArgumentError: the case names a check that does not exist.
    """
    checks = checks_of(subject.kind)
    names = {each.name for each in checks}
    chosen = subject.case.checks
    for option, wanted in (("checks", chosen or ()), ("expected_failures", subject.case.expected_failures)):
        unknown = sorted(set(wanted) - names)
        if unknown and subject.kind is not None:
            raise ArgumentError(
                f"{option}: there is no check {', '.join(map(repr, unknown))} for a component of kind "
                f"{subject.kind.singular}; there are {', '.join(each.name for each in checks)}"
            )
    return tuple(each for each in checks if chosen is None or each.name in chosen)


def attempt(each: Check, subject: Subject) -> Failure | Note | None:
    """Run one check: None when it passes, a note when it does not apply."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), np.printoptions(), surroundings_of(subject.kind):
            warnings.simplefilter("ignore")
            each.run(subject)
    except Unmet as unmet:
        return Failure(each.name, unmet.found, unmet.expected, unmet.cause)
    except NotApplicable as reason:
        return Note(each.name, str(reason))
    except Exception as error:
        return Failure(each.name, _shown(error), "no error", _BY_ITSELF)
    return None


def unresolved(target: str, error: Exception) -> Report:
    """The report on a target, ``"module:Class"``, that cannot be imported."""
    failure = Failure(
        _GATES[0],
        f"{target} cannot be imported: {type(error).__name__}: {error}",
        "a class",
        "the target is misspelt, or its module needs something that is not installed",
    )
    return Report(target, (_GATES[0],), (), (failure,))


def unexpected_pass(name: str, reason: str) -> Failure:
    """The failure of a check that was expected to fail, and did not."""
    return Failure(
        name,
        f"it passes, or does not apply, though it was expected to fail: {reason}",
        "a failure, as expected_failures says",
        "the fault is mended: take the check out of expected_failures",
    )


_BY_ITSELF = (
    "the component raised this itself: the last line above that is its own is where to look. 'read-only' means that it "
    "writes into something it was given; a shape that does not fit, that rows or axes are mixed up"
)


def _shown(error: Exception) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(_HERE)]
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno}, in {frames[-1].name})" if frames else ""
    return f"{type(error).__name__}: {error}{place}"
