"""How a check ends when it does not just pass: verdicts, which no handler of errors takes for one."""

from __future__ import annotations

from typing import final


@final
class Unmet(BaseException):
    """The component does not do what the check wants."""

    def __init__(self, found: str, *, expected: str, cause: str) -> None:
        super().__init__(found)
        self.found = found
        self.expected = expected
        self.cause = cause


@final
class NotApplicable(BaseException):
    """The check has nothing to say about this component, for the reason given."""
