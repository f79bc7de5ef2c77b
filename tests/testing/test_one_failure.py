"""One bug, one failure: over the whole gallery, what the kit says of a component is said once."""

from __future__ import annotations

from functools import cache

import pytest

from layerkit.registry.kinds import kind_of
from layerkit.testing import Report
from tests.testing.gallery.bug import Bug
from tests.testing.test_gallery import BUGS

# a process with all the bugs in it takes long; test_gallery tries each by the check that is meant for it
pytestmark = pytest.mark.thorough

SHARE = 0.9
"""Of how many bugs exactly one check must tell; a bug may be two."""


@cache
def reports() -> list[tuple[Bug, Report]]:
    return [(bug, bug.report()) for bug in BUGS]


def test_no_bug_passes() -> None:
    assert [str(bug) for bug, report in reports() if report.ok] == []


def test_one_check_tells_a_bug() -> None:
    several = {
        str(bug): [failure.check for failure in report.failures]
        for bug, report in reports()
        if len(report.failures) != 1
    }
    kinds = sorted({str(kind_of(bug.component)) for bug, _ in reports() if str(bug) in several})
    told = "\n".join(f"{bug} is told by {', '.join(checks)}" for bug, checks in several.items())
    assert len(several) <= (1 - SHARE) * len(BUGS), f"{len(several)} of {len(BUGS)} bugs, of {kinds}:\n{told}"


def test_what_is_explained_away_leads_to_a_failure_that_is_told() -> None:
    for bug, report in reports():
        told = {failure.check for failure in report.failures}
        for note in report.skipped:
            if "nothing new" in note.reason or "the same error" in note.reason:
                assert any(name in note.reason for name in told), f"{bug}: {note}"
