"""How many threads the BLAS library may use: chosen from the shapes of a job alone, never from timings."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, final
from weakref import WeakSet

from threadpoolctl import ThreadpoolController

from layerkit.interfaces.job import Job
from layerkit.models.node import Node

# below this many multiplications a pass, starting and joining threads costs more than they bring
_WORTH_THREADS = 2e8


def threads_for(node: Node, rows: int) -> int | None:
    """1 for a small network on batches of so many rows, where threads only cost time; None for a large one: as many as
    the process was given."""
    return 1 if _multiplications(node, rows) < _WORTH_THREADS else None


def wanted_threads(job: Job) -> int | None:
    """What ``threads_for`` says of a job's model and batches."""
    return threads_for(job.model.structure.node, job.batch_size)


@contextmanager
def limited(threads: int | None) -> Iterator[int]:
    """Let BLAS use so many threads inside the block (None: as before); gives how many it then uses.

    The number is one for the whole process: where blocks overlap, in several threads too, the smallest holds, and when
    the last one ends, what was given holds again.
    """
    limit = _Limit(threads)
    try:
        _limits.add(limit)
        _apply()
        yield _in_use()
    finally:
        _limits.discard(limit)
        _apply()


def given_threads() -> int:
    """How many threads BLAS was given by the environment, whatever it is limited to at the moment."""
    return max(_given.values(), default=_in_use()) if _limits else _in_use()


def blas_libraries() -> list[dict[str, Any]]:
    """The BLAS libraries of this process, as threadpoolctl tells of them."""
    return _controller().info()


def _multiplications(node: Node, rows: int) -> float:
    """The multiplications of one forward pass over a batch: each parameter is used once a row and position."""
    total = 0.0
    for inner in node.walk():
        size = sum(math.prod(declaration.shape) for declaration in inner.parameters.values())
        total += size * math.prod(axis for axis in inner.output_shape[:-1] if isinstance(axis, int))
    return total * rows


@final
class _Limit:
    def __init__(self, threads: int | None) -> None:
        self.threads = threads


_lock = threading.RLock()
# weak: one whose block an interruption has left at an unlucky moment counts no longer
_limits: WeakSet[_Limit] = WeakSet()
_given: dict[str, int] = {}
"""The threads of each library before the first limit."""


def _apply() -> None:
    """Give each library the smallest number of threads of all blocks, or what it had before them."""
    with _lock:
        wanted = [limit.threads for limit in _limits if limit.threads is not None]
        for library in _controller().lib_controllers:
            if _limits:
                _given.setdefault(library.filepath, library.num_threads)
            given = _given.get(library.filepath)
            if given is not None and library.num_threads != (number := min([given, *wanted])):
                library.set_num_threads(number)
        if not _limits:
            _given.clear()


def _in_use() -> int:
    return max((library.num_threads for library in _controller().lib_controllers), default=1)


@cache
def _controller() -> ThreadpoolController:
    # looking for the libraries takes milliseconds, so once; NumPy's is loaded by now
    return ThreadpoolController().select(user_api="blas")
