"""What came of checking a component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True, slots=True)
class Failure:
    """A check that a component does not pass: what was found, what was expected, and what the likely cause is."""

    check: str
    found: str
    expected: str
    cause: str

    def __str__(self) -> str:
        return (
            f"{self.check}\n  found:        {self.found}\n  expected:     {self.expected}\n  likely cause: {self.cause}"
        )


@final
@dataclass(frozen=True, slots=True)
class Note:
    """A check that does not count, and the reason."""

    check: str
    reason: str


@final
@dataclass(frozen=True, slots=True)
class Report:
    """All that was checked of one component.

    ``ran`` names the checks that ran, failed ones too; ``skipped`` those that do not apply, each with the reason;
    ``expected`` those that failed as their author said they would.
    """

    component: str
    ran: tuple[str, ...]
    skipped: tuple[Note, ...]
    failures: tuple[Failure, ...]
    expected: tuple[Note, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether checks ran, and the component passed them all."""
        return bool(self.ran) and not self.failures

    def __str__(self) -> str:
        lines = [
            f"{self.component}: {len(self.ran)} checks ran, {len(self.skipped)} skipped, {len(self.failures)} failed"
        ]
        lines += [str(failure) for failure in self.failures]
        lines += [f"{note.check}: fails as expected: {note.reason}" for note in self.expected]
        return "\n".join(lines)
