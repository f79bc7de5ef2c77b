"""One bug, one failure: over the whole gallery, what the kit says of a component is said once."""

from __future__ import annotations

import os
import sys

import pytest

from layerkit.testing import Report
from tests.testing.gallery.bug import Bug
from tests.testing.test_gallery import BUGS

# a process with all the bugs in it takes long; test_gallery tries each by the check that is meant for it
pytestmark = pytest.mark.thorough

SHARE = 0.9
"""Of how many bugs exactly one check must tell; a bug may be two."""


PARTS = 8
"""So that the processes of a run share the gallery."""

TRIED = PARTS if os.environ.get("LAYERKIT_ALL_BUGS") else PARTS // 2
"""Every second bug stands for its kind; before the checks change, try them all."""


@pytest.mark.parametrize("part", range(TRIED))
def test_each_bug_is_told_and_nearly_each_by_one_check(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # one of the bugs is to add to it
    monkeypatch.setattr(sys, "path", [*sys.path])
    bugs = BUGS[part::PARTS]
    reports = [(bug, bug.report()) for bug in bugs]
    assert [str(bug) for bug, report in reports if report.ok] == []
    several = {
        str(bug): [failure.check for failure in report.failures] for bug, report in reports if len(report.failures) > 1
    }
    told = "\n".join(f"{bug} is told by {', '.join(checks)}" for bug, checks in several.items())
    assert len(several) <= (1 - SHARE) * len(bugs), f"{len(several)} of {len(bugs)} bugs:\n{told}"
    for bug, report in reports:
        require_explained(bug, report)


def require_explained(bug: Bug, report: Report) -> None:
    """What is left out because of another failure leads to one that is told."""
    failed = {failure.check for failure in report.failures}
    for note in report.skipped:
        if "nothing new" in note.reason or "the same error" in note.reason:
            assert any(name in note.reason for name in failed), f"{bug}: {note}"
