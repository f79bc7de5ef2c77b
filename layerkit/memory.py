"""Memory: how much there is, and arrays that begin where a cache line does."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path

import numpy as np

from layerkit.errors import ArgumentError
from layerkit.types import Array, DType

MODEST_BYTES = 2**26
"""Below this, nobody asks how much memory there is."""

LINE = 64
"""Bytes of a cache line, and of the widest vectors of today's processors."""


def aligned(shape: tuple[int, ...], dtype: DType, *, zero: bool = False) -> Array:
    """An array whose memory begins at a multiple of ``LINE`` bytes: uninitialized, or zeros.

    NumPy promises 16 bytes. A vector of 64 that lies across two lines is read and written in two parts, which doubles
    the time of an operation on arrays that fit the cache.

    >>> aligned((3, 5), np.dtype("float32")).__array_interface__["data"][0] % LINE
    0
    """
    # the integers may be short ones of NumPy, whose product has no room
    size = math.prod(map(int, shape)) * dtype.itemsize
    room = (np.zeros if zero else np.empty)(size + LINE, np.uint8)
    # one call, which costs half of a slice, a view and a reshape
    return np.ndarray(shape, dtype, room, -room.__array_interface__["data"][0] % LINE)


def available_bytes() -> int:
    """How much memory this process can still take, as the system tells it; where it does not, more than any has."""
    found = [2**47]
    with contextlib.suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text().splitlines()
        found.append(next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")))
    with contextlib.suppress(OSError, ValueError):
        # a container may be given less; "max" where it is not
        group = Path("/sys/fs/cgroup")
        limit, used = (int((group / f"memory.{name}").read_text()) for name in ("max", "current"))
        found.append(max(0, limit - used))
    return min(found)


def require_room(owner: object, numbers: int) -> None:
    """Refuse to make so many numbers of 8 bytes as the machine has no memory for.

    Raises:
        ArgumentError: it has none.
    """
    needed = 8 * numbers
    if needed > MODEST_BYTES and needed > (available := available_bytes()):
        raise ArgumentError(
            f"{type(owner).__name__}: so many examples would need {told_bytes(needed)} of memory, and "
            f"{told_bytes(available)} are available: give fewer"
        )


def told_bytes(count: int) -> str:
    """A number of bytes for a message.

    >>> told_bytes(3 * 2**30), told_bytes(10**6), told_bytes(2**90)
    ('3.0 GiB', '1.0 MiB', '1.2e+18 GiB')
    """
    mebibytes = count / 2**20
    if mebibytes < 1024:
        return f"{mebibytes:,.1f} MiB"
    return f"{mebibytes / 1024:,.1f} GiB" if mebibytes < 2**40 else f"{mebibytes / 1024:.1e} GiB"
