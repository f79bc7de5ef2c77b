"""Writing a file whole or not at all: whatever happens, the old content stays until the new one is safe on the disk."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

from layerkit.leftovers import sweep, temporary_name

Buffer: TypeAlias = bytes | memoryview

# the first is of Windows alone, where files are text unless told otherwise
_FLAGS: int = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_LINKS = 40
"""As many symbolic links as a system follows one after another."""


def write_atomically(path: str | os.PathLike[str], chunks: Iterable[Buffer]) -> None:
    """Replace the file at ``path``, or make it, with ``chunks`` as its content.

    A new file gets the permissions that any new file gets, an existing one keeps its own; a symbolic link stays, and
    what it points to is replaced. When this returns, the content is on the disk. Of two writers, one wins whole. What
    is no regular file – a device, a pipe, ``/dev/stdout`` wherever that leads – is written to as it is.

    Raises:
        OSError: it could not be written; what was there before is as it was.
    """
    descriptor = _own_descriptor(path)
    if descriptor is not None:
        # what this process has printed so far comes first, and what it prints next goes on behind: no second offset
        sys.stdout.flush()
        _write(descriptor, chunks)
        return
    mode = mode_of(path)
    if mode is not None and not stat.S_ISREG(mode):
        descriptor = os.open(path, os.O_WRONLY | _FLAGS)
        try:
            _write(descriptor, chunks)
        finally:
            os.close(descriptor)
        return
    _write_and_rename(Path(os.path.realpath(path)), chunks, mode)


def mode_of(path: str | os.PathLike[str]) -> int | None:
    """What is at ``path``, links followed, as ``st_mode`` tells it; None where nothing is."""
    try:
        return os.stat(path).st_mode
    except FileNotFoundError:
        return None


def not_written(path: str | os.PathLike[str], error: OSError) -> str:
    """What to say of a file that ``write_atomically`` could not write."""
    kept = "; the file that was there is as it was" if os.path.exists(path) else ""
    return f"{os.fspath(path)} could not be written: {error.strerror or error}{kept}"


def _write_and_rename(target: Path, chunks: Iterable[Buffer], mode: int | None) -> None:
    sweep(target)
    temporary = target.parent / temporary_name(target.name)
    # O_EXCL: this process alone writes into it, whoever else writes to the same target
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o666)
    try:
        try:
            if mode is not None and hasattr(os, "fchmod"):
                os.fchmod(descriptor, stat.S_IMODE(mode))
            _write(descriptor, chunks)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(target.parent)


def _write(descriptor: int, chunks: Iterable[Buffer]) -> None:
    for chunk in chunks:
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(descriptor, rest) :]


def _own_descriptor(path: str | os.PathLike[str]) -> int | None:
    """The descriptor of this process that a path such as ``/dev/stdout`` names; None for any other."""
    place = os.path.abspath(path)
    for _ in range(_LINKS):
        folder, name = os.path.split(place)
        if name.isdecimal() and os.path.realpath(folder) in ("/dev/fd", f"/proc/{os.getpid()}/fd"):
            return int(name)
        if not os.path.islink(place):
            break
        place = os.path.join(folder, os.readlink(place))
    return None


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable; systems that cannot open a folder do that by themselves."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except (PermissionError, IsADirectoryError):
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
