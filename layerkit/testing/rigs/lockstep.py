"""Threads that take every line of some files together, so that a race is lost each time and not by chance."""

from __future__ import annotations

import inspect
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError
from types import FrameType
from typing import Any, TypeVar, final

T = TypeVar("T")

_PATIENCE = 1.0
_LINES = 400
_TRIES = 1000
_NAP_SECONDS = 1e-4


def together(works: Sequence[Callable[[], T]], files: Iterable[str]) -> list[T]:
    """Run each work in a thread of its own; in ``files`` no thread begins a line before all have ended the last one.

    Where the threads go different ways, or one waits for a lock that another holds, they run on freely.
    """
    step = _Lockstep(len(works), frozenset(files))
    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(step.run, works))


def source_files(objects: Iterable[object]) -> set[str]:
    """The files that the classes of these objects, and their bases, are written in."""
    found = set()
    for base in {base for each in objects for base in type(each).__mro__ if base is not object}:
        try:
            found.add(inspect.getfile(base))
        except (TypeError, OSError):
            continue
    return found


def _set_trace(function: Any) -> None:
    """Python refuses to do it in two threads in one moment."""
    for _ in range(_TRIES):
        try:
            sys.settrace(function)
        except RuntimeError:
            time.sleep(_NAP_SECONDS)
        else:
            return
    sys.settrace(function)


@final
class _Lockstep:
    def __init__(self, threads: int, files: frozenset[str]) -> None:
        self._barrier = Barrier(threads)
        self._files = files

    def run(self, work: Callable[[], T]) -> T:
        lines = 0

        def trace(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal lines
            if frame.f_code.co_filename not in self._files:
                return None
            if event == "line" and lines < _LINES:
                lines += 1
                self._meet()
            return trace

        before = sys.gettrace()
        _set_trace(trace)
        try:
            return work()
        finally:
            _set_trace(before)
            self._barrier.abort()

    def _meet(self) -> None:
        try:
            self._barrier.wait(_PATIENCE)
        except BrokenBarrierError:
            return
