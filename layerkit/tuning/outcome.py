"""What came of a trial, and what is measured of the winner."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, final

State: TypeAlias = Literal["complete", "pruned", "failed", "paused"]


@final
@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a trial ended: its value after the last epoch, by epoch its ``curve``, or the ``reason`` of its failure.

    ``marks`` is what a pruner wrote down of it; ``kept`` the trainer's state of one that is paused, and may go on.
    """

    number: int
    state: State
    value: float | None = None
    curve: tuple[float, ...] = ()
    seconds: float = 0.0
    reason: str | None = None
    marks: dict[str, float] = field(default_factory=dict)
    kept: Any = field(default=None, repr=False, compare=False)


@final
@dataclass(frozen=True, kw_only=True)
class FinalRun:
    """The winner, trained with one seed on all training data: what the test data say; or why it failed."""

    number: int
    seed: int
    measured: dict[str, Any] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    confusion: list[list[int]] | None = None
    reason: str | None = None
