"""Writing a file whole or not at all: whatever happens, the old content stays until the new one is safe on the disk."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

from layerkit.errors import ModelFileError
from layerkit.files.leftovers import sweep, temporary_name

Buffer: TypeAlias = bytes | memoryview

# the first is of Windows alone, where files are text unless told otherwise
_FLAGS: int = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def write_atomically(path: str | os.PathLike[str], chunks: Iterable[Buffer]) -> None:
    """Replace the file at ``path``, or make it, with ``chunks`` as its content.

    A new file gets the permissions that any new file gets, an existing one keeps its own; a symbolic link stays, and
    what it points to is replaced. When this returns, the content is on the disk. Of two writers, one wins whole.

    Raises:
        ModelFileError: it could not be written; what was there before is as it was.
    """
    target = Path(os.path.realpath(path))
    try:
        mode = _mode_of(target)
        _write_and_rename(target, chunks, mode)
    except OSError as error:
        kept = "; the file that was there is as it was" if target.exists() else ""
        raise ModelFileError(f"{os.fspath(path)} could not be written: {error.strerror or error}{kept}") from error


def _write_and_rename(target: Path, chunks: Iterable[Buffer], mode: int | None) -> None:
    sweep(target)
    temporary = target.parent / temporary_name(target.name)
    # O_EXCL: this process alone writes into it, whoever else writes to the same target
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o666)
    try:
        try:
            if mode is not None and hasattr(os, "fchmod"):
                os.fchmod(descriptor, mode)
            for chunk in chunks:
                _write_all(descriptor, chunk)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(target.parent)


def _write_all(descriptor: int, chunk: Buffer) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _mode_of(target: Path) -> int | None:
    """The permissions of the file that is there, or None where there is none yet."""
    try:
        found = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise OSError(None, "it is a folder or a device, and only a file can be replaced")
    return stat.S_IMODE(found.st_mode)


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
