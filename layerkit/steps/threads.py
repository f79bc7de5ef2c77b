"""How many threads the BLAS library may use, chosen from the shapes of a job alone, never from timings; and how many
the process may."""

from __future__ import annotations

import math
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, final
from weakref import WeakSet

from threadpoolctl import ThreadpoolController

from layerkit.errors import ArgumentError
from layerkit.interfaces.job import Job
from layerkit.models.node import Node

# below this many multiplications a pass, starting and joining threads costs more than they bring
_WORTH_THREADS = 2e8


def threads_for(node: Node, rows: int) -> int | None:
    """1 for a small network on batches of so many rows, where threads only cost time; None for a large one: as many as
    the process was given."""
    return 1 if multiplications(node, rows) < _WORTH_THREADS else None


def wanted_threads(job: Job) -> int | None:
    """What ``threads_for`` says of a job's model and batches."""
    return threads_for(job.model.structure.node, job.batch_size)


def cores() -> int:
    """How many threads a computation of the package's own may use.

    As many as the process may use cores, by its affinity and the quota of its control groups; at most
    ``LAYERKIT_THREADS``, or else ``OMP_NUM_THREADS``, if the environment has it; and 1 inside ``limited(…,
    everything=True)``.

    Raises:
        ArgumentError: ``LAYERKIT_THREADS`` is no number of threads.
    """
    with _lock:
        limits = [limit.threads for limit in _limits if limit.everything and limit.threads is not None]
    return min([allowed_cores(), *_in_environment(), *limits])


def allowed_cores() -> int:
    """How many cores the process may use, by its affinity and the quota of its control groups."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(count, *_quotas()))


@contextmanager
def limited(threads: int | None, *, everything: bool = False) -> Iterator[int]:
    """Let BLAS use so many threads inside the block (None: as before); gives how many it then uses.

    The number is one for the whole process: where blocks overlap, in several threads too, the smallest holds, and when
    the last one ends, what was given holds again. With ``everything`` it holds for ``cores``, too.
    """
    limit = _Limit(threads, everything=everything)
    try:
        # others read them at the same time, in threads of theirs
        with _lock:
            _limits.add(limit)
            _apply()
        yield _in_use()
    finally:
        with _lock:
            _limits.discard(limit)
            _apply()


def given_threads() -> int:
    """How many threads BLAS was given by the environment, whatever it is limited to at the moment."""
    return max(_given.values(), default=_in_use()) if _limits else _in_use()


def blas_libraries() -> list[dict[str, Any]]:
    """The BLAS libraries of this process, as threadpoolctl tells of them."""
    return _controller().info()


def multiplications(node: Node, rows: int) -> float:
    """Those of one forward pass over a batch: each parameter is used once a row and position."""
    total = 0.0
    for inner in node.walk():
        size = sum(math.prod(declaration.shape) for declaration in inner.parameters.values())
        total += size * math.prod(axis for axis in inner.output_shape[:-1] if isinstance(axis, int))
    return total * rows


def _in_environment() -> list[int]:
    given = os.environ.get("LAYERKIT_THREADS", "").strip()
    if given:
        if not given.isdecimal() or int(given) < 1:
            raise ArgumentError(f"LAYERKIT_THREADS must be a number of threads, 1 or more, got {given!r}")
        return [int(given)]
    # a list of them is for regions inside each other
    usual = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return [int(usual)] if usual.isdecimal() and int(usual) else []


@cache
def _quotas() -> list[int]:
    """The cores that control groups leave, this process's own and those around it; Linux alone has them."""
    found = []
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return [sys.maxsize]
    for line in lines:
        _, controllers, place = line.split(":", 2)
        root = Path("/sys/fs/cgroup", *([controllers] if controllers else []))
        own = root / place.lstrip("/")
        for folder in {root, own, *own.parents} if "cpu" in controllers.split(",") or not controllers else ():
            if folder.is_relative_to(root):
                found.append(_quota(folder))
    return [max(1, int(quota)) for quota in found if quota is not None] or [sys.maxsize]


def _quota(folder: Path) -> float | None:
    """How many cores' time a group has; None: as much as there is."""
    try:
        if (folder / "cpu.max").exists():
            quota, period = (folder / "cpu.max").read_text(encoding="utf-8").split()
        else:
            names = "cpu.cfs_quota_us", "cpu.cfs_period_us"
            quota, period = ((folder / name).read_text(encoding="utf-8").strip() for name in names)
        return float(quota) / float(period) if quota not in {"max", "-1"} else None
    except (OSError, ValueError):
        return None


@final
class _Limit:
    def __init__(self, threads: int | None, *, everything: bool) -> None:
        self.threads, self.everything = threads, everything


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
