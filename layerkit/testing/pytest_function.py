"""The kit as a function that pytest collects."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from layerkit.testing.case import as_case
from layerkit.testing.checking import attempt, check_subject, selected, unexpected_pass
from layerkit.testing.report import Failure, Note, Report
from layerkit.testing.subject import subject_of


def conformance(component: Any, /, **options: Any) -> Callable[[str], None]:
    """A test function with one test for each check: ``test_scale = conformance(Scale, input_shapes=[(4,)])``.

    Takes what ``check`` takes. Checks that do not apply, or are waived, are skipped with their reason, and so are
    failures that another check tells; expected failures are reported as such, and fail when they pass. pytest is
    imported here, and nowhere else in the kit.

    Raises:
        ArgumentError: as ``check``; also when there is no check to run.
    """
    import pytest

    from layerkit.errors import ArgumentError

    subject = subject_of(component, as_case(options))
    checks = {each.name: each for each in selected(subject)}
    if not checks:
        raise ArgumentError(f"conformance({subject.name}): there is no check to run")
    reasons, waived = subject.case.expected_failures, subject.case.waived

    @cache
    def whole() -> Report:
        return check_subject(subject)

    @pytest.mark.parametrize("check", list(checks))
    def test(check: str) -> None:
        __tracebackhide__ = True
        if check in waived:
            pytest.skip(f"waived: {waived[check]}")
        outcome = attempt(checks[check], subject)
        if isinstance(outcome, Failure) and check in reasons:
            pytest.xfail(reasons[check])
        if check in reasons:
            outcome = unexpected_pass(check, reasons[check])
        elif isinstance(outcome, Failure):
            # only the whole report knows whether another check tells of the same fault
            outcome = next((note for note in whole().skipped if note.check == check), outcome)
        if isinstance(outcome, Note):
            pytest.skip(outcome.reason)
        if isinstance(outcome, Failure):
            pytest.fail(f"{subject.name}: {outcome}", pytrace=False)

    test.__doc__ = f"{subject.name} passes the check."
    return test
