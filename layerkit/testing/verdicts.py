"""How a check ends when it does not just pass."""

from __future__ import annotations

from typing import final


@final
class Unmet(Exception):  # noqa: N818 - it is a verdict, not an error of the program
    """The component does not do what the check wants."""

    def __init__(self, found: str, *, expected: str, cause: str) -> None:
        super().__init__(found)
        self.found = found
        self.expected = expected
        self.cause = cause


@final
class NotApplicable(Exception):  # noqa: N818 - it is a verdict, not an error of the program
    """The check has nothing to say about this component, for the reason given."""
