"""The threads beside the caller's: parked between pieces, shared by all trainers of a process."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import final

from layerkit.uninterrupted import uninterrupted


@final
class Crew:
    """Threads that wait for work. One caller has them at a time; who finds them taken does without.

    A process that was forked has none of them, and begins anew.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._members: list[SimpleQueue[_Task]] = []
        self._holder: Callable[[], object] = _nobody

    def run(self, tasks: Sequence[Callable[[], object]], *, break_up: Callable[[], object]) -> bool:
        """Run tasks side by side, the first in this thread; false, and nothing was run, where others have the threads.

        When it returns or raises, all tasks have ended. ``break_up`` makes those end soon that wait for one that was
        interrupted, or not begun.

        Raises:
            BaseException: what the first task raised, or an interruption.
        """
        own = self._take()
        if own is None:
            return False
        begun = [_Task(task) for task in tasks[1:]]
        done = False
        try:
            for number, task in enumerate(begun):
                self._member(number).put(task)
            tasks[0]()
            done = True
        finally:
            try:
                uninterrupted(lambda: _end(begun, None if done else break_up))
            finally:
                self._holder = _nobody
        return True

    def _take(self) -> _Held | None:
        with self._lock:
            if self._holder() is not None:
                return None
            # weak: an interruption between this line and the caller's next leaves nobody in possession
            held = _Held()
            self._holder = weakref.ref(held)
            return held

    def _member(self, number: int) -> SimpleQueue[_Task]:
        while number >= len(self._members):
            work: SimpleQueue[_Task] = SimpleQueue()
            name = f"layerkit-numba-{len(self._members) + 1}"
            threading.Thread(target=_work, args=(work,), name=name, daemon=True).start()
            self._members.append(work)
        return self._members[number]


def _work(tasks: SimpleQueue[_Task]) -> None:
    while True:
        tasks.get().run()


def _end(tasks: Sequence[_Task], break_up: Callable[[], object] | None) -> None:
    if break_up is not None:
        break_up()
    for task in tasks:
        task.end()


def _nobody() -> None:
    return None


class _Held:
    """The possession of a crew."""


@final
class _Task:
    """A call that another thread makes, unless it is ended before it has begun."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call
        self._lock = threading.Lock()
        self._begun = False
        self._ended = threading.Event()

    def run(self) -> None:
        with self._lock:
            if self._ended.is_set():
                return
            self._begun = True
        try:
            self._call()
        finally:
            self._ended.set()

    def end(self) -> None:
        """Wait until it has ended; one that nobody has begun never will be."""
        with self._lock:
            if not self._begun:
                self._ended.set()
        self._ended.wait()


crew = Crew()
"""That of this process."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=crew.__init__)
