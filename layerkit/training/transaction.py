"""What is under way and remains either whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import final

from layerkit.uninterrupted import uninterrupted


@final
class Transaction:
    """Changes that belong together, in several places: until ``close`` they can be undone.

    Opening and closing are one assignment each, so whatever interrupts, even between two instructions, finds it open or
    closed.
    """

    def __init__(self) -> None:
        self._undo: Callable[[], None] | None = None

    def open(self, undo: Callable[[], None]) -> None:
        """From now on all changes are those that ``undo`` takes back, which may be called again if it was cut short."""
        self._undo = undo

    def close(self) -> None:
        """The changes stay."""
        self._undo = None

    def roll_back(self) -> None:
        """Take back what was not closed."""
        uninterrupted(self._take_back)

    def _take_back(self) -> None:
        if self._undo is not None:
            self._undo()
            self._undo = None
