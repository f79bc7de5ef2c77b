"""A place for files that need no disk."""

from __future__ import annotations

import shutil
from pathlib import Path

_NEEDED_BYTES = 2**30


def memory_folder() -> str | None:
    """A folder in memory with room in it, or None: where it does not matter what a disk does, it is far faster."""
    folder = Path("/dev/shm")
    return str(folder) if folder.is_dir() and shutil.disk_usage(folder).free > _NEEDED_BYTES else None
