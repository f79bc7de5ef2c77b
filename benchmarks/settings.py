"""What a run measures, and with how much patience."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cases import Case


@dataclass(frozen=True)
class Settings:
    """``folder`` holds the data; ``contenders`` are the names of those that can be imported; ``say`` reports progress.

    Each comparison starts every contender's process ``processes`` times over and has each run ``rounds`` rounds of
    about ``round_seconds``, A B C A B C, so that a slow minute of the machine meets them all.
    """

    folder: Path
    real_data: bool
    cases: tuple[Case, ...]
    contenders: tuple[str, ...]
    threads: tuple[int, ...]
    processes: int
    rounds: int
    round_seconds: float
    say: Callable[[str], None]
