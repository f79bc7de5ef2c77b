"""Workers on one machine: processes that map the same data, one task each at a time."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import cache
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from typing import Any, Protocol, final

from layerkit.errors import SearchError
from layerkit.leftovers import temporary_folder
from layerkit.tuning.shared_examples import read_shared, write_shared
from layerkit.tuning.tasks import Task

_TRIES = 3


class Workers(Protocol):
    """Where tasks are performed."""

    def share(self, name: str, value: Any) -> None:
        """Let tasks find a value in their data, under this name."""

    def results(self, tasks: Sequence[Task], *, until: float | None = None) -> Iterator[Any]:
        """The results as they come, in no order; no more of them after ``time.monotonic()`` has come to ``until``.

        Raises:
            SearchError: what a task names is not where it is performed, or there is nobody any more to perform it.
        """

    def close(self) -> None:
        """End all workers, whatever they are doing."""


@final
class Processes:
    """``jobs`` processes, each a pool of its own, so that one which is killed takes none of the others with it.

    They are started at once, and import what they need before there is anything to do. A task whose process is lost is
    performed again, as often as three times in all; then ``lost`` is its result.
    """

    def __init__(self, jobs: int) -> None:
        self._folder = temporary_folder("search")
        self._pools: list[ProcessPoolExecutor | None] = [None] * jobs
        for place in range(jobs):
            self._pool(place).submit(_import)

    def share(self, name: str, value: Any) -> None:
        write_shared(value, Path(self._folder.name) / name)

    def results(self, tasks: Sequence[Task], *, until: float | None = None) -> Iterator[Any]:
        waiting = [(task, 1) for task in reversed(tasks)]
        running: dict[Future[Any], tuple[int, Task, int]] = {}
        while waiting or running:
            busy = {place for place, _, _ in running.values()}
            for place in range(len(self._pools)):
                if waiting and place not in busy:
                    task, tries = waiting.pop()
                    running[self._submitted(place, task)] = place, task, tries
            left = None if until is None else max(0.0, until - time.monotonic())
            done, _ = wait(running, timeout=left, return_when=FIRST_COMPLETED)
            if not done:
                return
            for future in done:
                place, task, tries = running.pop(future)
                try:
                    result = future.result()
                except BrokenProcessPool:
                    self._end(place)
                    if tries < _TRIES:
                        waiting.append((task, tries + 1))
                        continue
                    result = task.lost(f"its process was killed {tries} times, for want of memory perhaps")
                except _UnreadError as error:
                    raise SearchError(
                        f"a worker's process cannot find what it is to do ({error}): define functions and classes at "
                        'the outermost level of a module, not below `if __name__ == "__main__"` and not in a notebook, '
                        "or leave jobs at 1"
                    ) from error
                yield result

    def close(self) -> None:
        for place in range(len(self._pools)):
            self._end(place)
        self._folder.cleanup()

    def _submitted(self, place: int, task: Task) -> Future[Any]:
        try:
            return self._pool(place).submit(_perform, pickle.dumps(task), self._folder.name)
        except BrokenProcessPool:
            # its process was killed while it had nothing to do
            self._end(place)
            return self._pool(place).submit(_perform, pickle.dumps(task), self._folder.name)

    def _pool(self, place: int) -> ProcessPoolExecutor:
        pool = self._pools[place]
        if pool is None:
            pool = self._pools[place] = ProcessPoolExecutor(
                1, mp_context=multiprocessing.get_context("spawn"), initializer=_begin
            )
        return pool

    def _end(self, place: int) -> None:
        pool, self._pools[place] = self._pools[place], None
        if pool is None:
            return
        # a pool waits for what its process is doing, which nobody wants any more
        for process in list((getattr(pool, "_processes", None) or {}).values()):
            with suppress(OSError, ValueError):
                process.kill()
        pool.shutdown(wait=True, cancel_futures=True)


def _import() -> None:
    # this module brings all that a trial needs of layerkit
    pass


def _begin() -> None:
    # Ctrl-C reaches every process of the terminal: the command decides what comes of it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait_for([parent.sentinel])
    os._exit(1)


class _UnreadError(Exception):
    """A task names what is not there."""


def _perform(sent: bytes, folder: str) -> Any:
    # read here and not by the pool, whose process what it cannot read would end
    try:
        task: Task = pickle.loads(sent)
    except Exception as error:
        raise _UnreadError(str(error)) from None
    return task.perform(_Shared(folder))


class _Shared(Mapping[str, Any]):
    """What is in a folder, read when it is asked for, once in each process."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def __getitem__(self, name: str) -> Any:
        return _read(self._folder / name)

    def __iter__(self) -> Iterator[str]:
        return (each.name for each in self._folder.iterdir() if not each.suffix)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@cache
def _read(path: Path) -> Any:
    return read_shared(path)
