"""Running checks over a component."""

from __future__ import annotations

import time
import warnings
from dataclasses import replace
from typing import Any

import numpy as np

from layerkit.errors import ArgumentError, MissingExtraError
from layerkit.suggestions import did_you_mean
from layerkit.testing.case import Case, as_case
from layerkit.testing.explained_failures import explained
from layerkit.testing.raised import Raised, raised_by
from layerkit.testing.report import NO_ERROR, Failure, Note, Report
from layerkit.testing.subject import Subject, subject_of
from layerkit.testing.suite import Check, again_of, checks_of, surroundings_of
from layerkit.testing.verdicts import NotApplicable, Unmet

_GATES = ("concrete-subclass", "takes-its-arguments")


def check(component: Any, /, **options: Any) -> Report:
    """Check one component, and report what it does wrong and why that may be.

    ``component``: a class, a component (its class is checked, with its arguments), or ``"module:Class"``. ``options``:
    those of ``Case``. Every number that is drawn comes from a fixed seed, so a second run says the same.

    Raises:
        ArgumentError: there is no such option or check, or an expected failure or a waiver lacks its reason.

    >>> from layerkit import Dense
    >>> report = check(Dense, arguments={"units": 3}, input_shapes=[(4,)])
    >>> report.ok, len(report.ran) > 30
    (True, True)
    """
    return check_case(component, as_case(options))


def check_case(component: Any, case: Case) -> Report:
    """``check`` in one case.

    Raises:
        ArgumentError: the case names a check that does not exist, or waives one without which nothing can be checked.
    """
    try:
        subject = subject_of(component, case)
    except (ImportError, AttributeError) as error:
        return unresolved(str(component), error)
    return check_subject(subject)


def check_subject(subject: Subject) -> Report:
    """``check`` of what was found to be checked.

    Raises:
        ArgumentError: as ``check_case``.
    """
    started = time.perf_counter()
    known, waived = subject.case.expected_failures, subject.case.waived
    checks = selected(subject)
    ran: list[str] = []
    notes: dict[str, str] = {}
    failed: dict[str, Failure] = {}
    for each in checks:
        gate = next((name for name in _GATES if name in failed), None)
        if each.name in waived:
            continue
        if gate is not None:
            notes[each.name] = f"{gate} fails, and nothing can be checked without it"
            continue
        outcome = attempt(each, subject)
        if isinstance(outcome, Note):
            notes[each.name] = outcome.reason
            continue
        ran.append(each.name)
        if outcome is not None:
            failed[each.name] = outcome
    told_elsewhere = explained(failed, checks, known)
    notes |= told_elsewhere
    failures = [failure for name, failure in failed.items() if name not in told_elsewhere and name not in known]
    failures += [unexpected_pass(name, reason) for name, reason in known.items() if name not in failed]
    if not ran:
        failures.append(
            Failure("any", "no check ran", "at least one", "the option checks names none, or none of them applies")
        )
    return Report(
        component=subject.name,
        ran=tuple(name for name in ran if name not in told_elsewhere),
        skipped=tuple(Note(each.name, notes[each.name]) for each in checks if each.name in notes),
        failures=tuple(failures),
        expected=tuple(Note(name, known[name]) for name in failed if name in known),
        waived=tuple(Note(each.name, waived[each.name]) for each in checks if each.name in waived),
        seconds=time.perf_counter() - started,
    )


def selected(subject: Subject) -> tuple[Check, ...]:
    """The checks that apply to a subject's kind, those of the case's choice; also those that it waives.

    Raises:
        ArgumentError: the case names a check that does not exist, or waives one without which nothing can be checked.
    """
    checks = checks_of(subject.kind)
    case = subject.case
    names = [each.name for each in checks]
    for option in ("checks", "expected_failures", "waived"):
        unknown = next((name for name in getattr(case, option) or () if name not in names), None)
        if unknown is not None and subject.kind is not None:
            raise ArgumentError(
                f"{option}: there is no check {unknown!r} for a component of kind {subject.kind.singular}."
                f"{did_you_mean(unknown, names)} There are {', '.join(names)}"
            )
    for name in _GATES:
        if name in case.waived:
            raise ArgumentError(f"waived: {name!r} cannot be waived, since nothing can be checked where it fails")
    return tuple(each for each in checks if case.checks is None or each.name in case.checks)


def attempt(each: Check, subject: Subject) -> Failure | Note | None:
    """Run one check: None when it passes, a note when it does not apply."""
    outcome = _attempt(each, subject)
    again = again_of(subject.kind)
    if not isinstance(outcome, Failure) or again is None:
        return outcome
    with again(subject.target):
        return outcome if isinstance(_attempt(each, subject), Failure) else None


def _attempt(each: Check, subject: Subject) -> Failure | Note | None:
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), np.printoptions(), surroundings_of(subject.kind):
            warnings.simplefilter("ignore")
            each.run(subject)
    except Unmet as unmet:
        failure = Failure(each.name, unmet.found, unmet.expected, unmet.cause)
        error = unmet.__cause__ or unmet.__context__
        if _is_missing_extra(subject.case, error):
            return Note(each.name, f"{error}")
        return failure if error is None else _placed(failure, raised_by(subject.target, error))
    except NotApplicable as reason:
        return Note(each.name, str(reason))
    except Exception as error:
        if _is_missing_extra(subject.case, error):
            return Note(each.name, f"{error}")
        raised = raised_by(subject.target, error)
        return _placed(_stopped(each.name, error, raised), raised)
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


def _is_missing_extra(case: Case, error: BaseException | None) -> bool:
    """Whether an error tells of nothing but what the case's author said may be missing here."""
    return case.needs_extra and isinstance(error, MissingExtraError)


def _stopped(name: str, error: Exception, raised: Raised) -> Failure:
    """The failure of a check that an error stopped."""
    return Failure(name, f"{type(error).__name__}: {error}", NO_ERROR, raised.cause(error))


def _placed(failure: Failure, raised: Raised) -> Failure:
    """The failure with the component's line that raised the error that led to it, if it was one of these."""
    place = f" ({raised})" if raised.file else ""
    return replace(failure, found=failure.found + place, raised=raised)
