"""What came of trying something many times."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, final


@final
@dataclass
class Outcome:
    """``counts`` of what happened, and every ``failure``: a broken promise, told so that it can be repeated."""

    tried: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0
    largest: int = 0
    """By how many bytes the process grew at most, where that is measured."""

    def count(self, what: str, number: int = 1) -> None:
        """Note that something happened."""
        self.counts[what] += number

    def fail(self, what: str, told: str) -> None:
        """Note a broken promise."""
        self.counts[what] += 1
        self.failures.append(told)

    def as_json(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            "tried": self.tried,
            "counts": dict(self.counts),
            "failures": len(self.failures),
            "first failures": self.failures[:5],
            "slowest seconds": self.slowest,
            "largest growth in MiB": round(self.largest / 2**20, 1),
        }
