"""What came of checking a component."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

from layerkit.testing.raised import Raised

NO_ERROR = "no error"
"""What is expected where an error stopped a check that did not reckon with one."""


@final
@dataclass(frozen=True, slots=True)
class Failure:
    """A check that a component does not pass: what was found, what was expected, and what the likely cause is.

    ``raised`` is the error that led to it, where one did.
    """

    check: str
    found: str
    expected: str
    cause: str
    raised: Raised | None = None

    @property
    def stopped(self) -> bool:
        """Whether an error that the check did not reckon with stopped it."""
        return self.expected == NO_ERROR

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

    ``ran`` names the checks that ran, failed ones too; ``skipped`` those that do not apply, or would say nothing new,
    each with the reason; ``expected`` those that failed as their author said they would, ``waived`` those that the
    author does not hold the component to, both with the author's reason. ``seconds`` is how long it took.
    """

    component: str
    ran: tuple[str, ...]
    skipped: tuple[Note, ...]
    failures: tuple[Failure, ...]
    expected: tuple[Note, ...] = ()
    waived: tuple[Note, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    @property
    def ok(self) -> bool:
        """Whether checks ran, and the component passed them all."""
        return bool(self.ran) and not self.failures

    def __str__(self) -> str:
        numbers = f"{len(self.ran)} checks ran, {len(self.skipped)} skipped, {len(self.failures)} failed"
        lines = [f"{self.component}: {numbers}" + (f", {len(self.waived)} waived" if self.waived else "")]
        lines += [str(failure) for failure in self.failures]
        lines += [f"{note.check}: fails as expected: {note.reason}" for note in self.expected]
        lines += [f"{note.check}: waived: {note.reason}" for note in self.waived]
        return "\n".join(lines)
