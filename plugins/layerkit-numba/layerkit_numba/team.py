"""The run of a step's table by several threads, and how many of them a piece gets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import final

from layerkit.types import Array
from layerkit_numba.crew import crew
from layerkit_numba.failures import raise_failure
from layerkit_numba.meeting import break_up, open_meeting
from layerkit_numba.tables import Stretch, Walk
from layerkit_numba.walking import LEFT, STOP
from layerkit_numba.wrapping import FAILED

_SHORT = 0.002
"""Seconds: to wake threads for less does not pay, nor do times of less say much."""

_SELDOM = 16
"""After a piece that was slower in all threads, 1, 2, 4, … pieces in one thread go by before the next trial, at most so
many."""

_CHECKED = 64
"""Of so many pieces in all threads, one is run in one thread, whose first time may have been a bad one."""


@final
class Team:
    """The walks of one thread each, which meet at ``shared``."""

    def __init__(self, walks: Sequence[Walk], shared: Array) -> None:
        self._walks, self._shared = walks, shared

    def run(self, stretch: Stretch) -> bool | None:
        """Run some batches: whether all numbers were finite; None, and nothing was run, where others have the threads.

        Raises:
            Exception: what a function raised.
        """
        codes = [LEFT] * len(self._walks)
        tasks = [partial(self._run_one, stretch, codes, number) for number in range(len(codes))]
        open_meeting(self._shared)
        if len(tasks) == 1:
            tasks[0]()
        elif not crew.run(tasks, break_up=partial(break_up, self._shared)):
            return None
        for code, walk in zip(codes, self._walks, strict=True):
            if code == FAILED:
                raise_failure(walk.failure)
        return STOP not in codes

    def _run_one(self, stretch: Stretch, codes: list[int], number: int) -> None:
        codes[number] = self._walks[number].run(stretch)


@final
class Pace:
    """Chooses between one thread and ``most``, by how long batches took in the pieces before.

    Another program may want the other cores, and then threads that wait for each other take longer than one alone. What
    comes out does not depend on the choice.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._seconds: dict[int, float] = {}
        self._last = self._alone = self._together = 0
        self._wait = 1

    def choose(self, batches: int) -> int:
        """How many threads the next piece gets."""
        one, many = (self._seconds.get(threads) for threads in (1, self._most))
        if self._most == 1 or one is None or one * batches < _SHORT:
            return 1
        if many is None or many <= one:
            self._wait = 1
            self._together += 1
            return 1 if self._together % _CHECKED == 0 else self._most
        if self._alone < self._wait:
            self._alone += 1
            return 1
        self._alone, self._wait = 0, min(2 * self._wait, _SELDOM)
        return self._most

    def note(self, threads: int, batches: int, seconds: float) -> None:
        """A piece has taken so long."""
        if seconds < _SHORT / self._most:
            return
        each = seconds / batches
        # one bad piece among good ones is an accident
        goes_on = threads > 1 and self._last == threads
        self._seconds[threads] = (each + self._seconds[threads]) / 2 if goes_on else each
        self._last = threads
