"""How many threads the BLAS library may use: chosen from the shapes of a job alone, never from timings."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController

from layerkit.engines.job import Job

# below this many multiplications a pass, starting and joining threads costs more than they bring
_WORTH_THREADS = 3e7


def multiplications(job: Job) -> float:
    """The multiplications of one forward pass over a batch: each parameter is used once a row and position."""
    total = 0.0
    for node in job.model.structure.node.walk():
        size = sum(math.prod(declaration.shape) for declaration in node.parameters.values())
        positions = math.prod(axis for axis in node.output_shape[:-1] if isinstance(axis, int))
        total += size * positions
    return total * job.batch_size


def wanted_threads(job: Job) -> int | None:
    """1 for a small network, where threads only cost time; None for a large one: as many as the process was given."""
    return 1 if multiplications(job) < _WORTH_THREADS else None


@contextmanager
def limited(threads: int | None) -> Iterator[int]:
    """Let BLAS use so many threads inside the block (None: as before); gives how many it then uses."""
    _given.append(_in_use())
    try:
        with _controller().limit(limits=threads, user_api="blas"):
            yield _in_use()
    finally:
        _given.pop()


def given_threads() -> int:
    """How many threads BLAS was given by the environment, whatever it is limited to at the moment."""
    return _given[0] if _given else _in_use()


def blas_libraries() -> list[dict[str, Any]]:
    """The BLAS libraries of this process, as threadpoolctl tells of them."""
    return _controller().info()


_given: list[int] = []


def _in_use() -> int:
    return max((library["num_threads"] for library in blas_libraries()), default=1)


@cache
def _controller() -> ThreadpoolController:
    # looking for the libraries takes milliseconds, so once; NumPy's is loaded by now
    return ThreadpoolController().select(user_api="blas")
