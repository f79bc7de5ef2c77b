"""Workers on many machines: those of a Dask cluster that is there already."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, final

from layerkit.errors import SearchError
from layerkit.tuning.needed import require
from layerkit.tuning.tasks import Task, reason_of

_PATIENCE = 15.0
_ABSENCE = 60.0
"""Seconds without any worker after which a search ends."""
_BETWEEN = 1.0


@final
class DaskWorkers:
    """Sends tasks to the scheduler at an address, ``tcp://10.0.0.5:8786``; Dask repeats those of workers that are lost.

    The data goes to each worker once. Each needs layerkit, and the plugins that the trials use, of the same versions.
    A cluster that has lost all of them is given a minute to have others.

    Raises:
        SearchError: Dask is not installed, or the scheduler cannot be reached.
    """

    def __init__(self, scheduler: str) -> None:
        require("distributed", "a search on a cluster", 'pip install "layerkit[dask]"')
        from distributed import Client

        self._address = scheduler
        try:
            self._client = Client(scheduler, timeout=_PATIENCE)
            self._client.wait_for_workers(1, timeout=_PATIENCE)
        except (OSError, ValueError) as error:
            raise SearchError(
                f"--scheduler: no cluster of Dask with workers answers at {scheduler} ({reason_of(error)}): start "
                f"`dask scheduler`, and on each machine `dask worker {scheduler} --nthreads 1`"
            ) from error
        self._data: dict[str, Any] = {}

    @property
    def count(self) -> int:
        """How many tasks run at once."""
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    def share(self, name: str, value: Any) -> None:
        # a task, and not what scatter does: the scheduler can make it again when all workers that hold it are lost
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._data[name] = self._client.submit(_same, value, pure=False)

    def results(self, tasks: Sequence[Task], *, until: float | None = None) -> Iterator[Any]:
        from distributed import as_completed

        running = {self._client.submit(_perform, task, dict(self._data), pure=False): task for task in tasks}
        ended = as_completed(list(running))
        seen = asked = time.monotonic()
        try:
            while ended.count():
                if ended.has_ready():
                    future = ended.next()
                    try:
                        result = future.result()
                    except Exception as error:
                        # a task itself raises nothing: its worker was lost again and again
                        result = running[future].lost(f"its worker was lost: {reason_of(error)}")
                    yield result
                    continue
                with ended.thread_condition:
                    ended.thread_condition.wait(timeout=0.1)
                now = time.monotonic()
                if until is not None and now >= until:
                    return
                if now - asked > _BETWEEN:
                    asked = now
                    seen = now if self._client.nthreads() else seen
                    if now - seen > _ABSENCE:
                        raise SearchError(
                            f"--scheduler: the cluster has had no worker for {_ABSENCE:.0f} s: start some, `dask "
                            f"worker {self._address} --nthreads 1`, and go on with --resume where a --storage keeps "
                            "the search"
                        )
        finally:
            self._client.cancel([future for future in running if not future.done()])

    def close(self) -> None:
        with suppress(OSError, TimeoutError):
            self._client.close(timeout=_PATIENCE)


def _same(value: Any) -> Any:
    return value


def _perform(task: Task, data: dict[str, Any]) -> Any:
    return task.perform(data)
