"""Writing a file whole or not at all: whatever happens, the old content stays until the new one is safe on the disk."""

from __future__ import annotations

import contextlib
import errno
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
NO_FILE = "it is a folder or a device, and only a file can be replaced"
_LINKS = 40
"""As many symbolic links as a system follows one after another."""


def write_atomically(path: str | os.PathLike[str], chunks: Iterable[Buffer], *, files_only: bool = False) -> None:
    """Replace the file at ``path``, or make it, with ``chunks`` as its content.

    A new file gets the permissions that any new file gets. An existing one keeps its own, but for set-uid and set-gid
    bits, and its owner and group as far as this process may give files away. A symbolic link stays, and what it points
    to is replaced. When this returns, the content is on the disk. Of two writers, one wins whole. What is no regular
    file – a device, a pipe, ``/dev/stdout`` wherever that leads – is written to as it is, which may have to wait
    for whoever reads from it; with ``files_only`` it is refused.

    Raises:
        OSError: it could not be written; what was there before is as it was.
    """
    _require_name_in_folder(path)
    before = _status_of(path)
    if files_only and before is not None and not stat.S_ISREG(before.st_mode):
        raise OSError(None, NO_FILE)
    descriptor = own_descriptor(path)
    if descriptor is not None:
        # what this process has printed so far comes first, and what it prints next goes on behind: no second offset
        flush_printed()
        _write(descriptor, chunks)
        return
    if before is not None and not stat.S_ISREG(before.st_mode):
        descriptor = os.open(path, os.O_WRONLY | _FLAGS)
        try:
            _write(descriptor, chunks)
        finally:
            os.close(descriptor)
        return
    _write_and_rename(Path(os.path.realpath(path)), chunks, before)


def _require_name_in_folder(path: str | os.PathLike[str]) -> None:
    """Refuse what would be written to, with links resolved, and could not be opened by the same name after that."""
    folder, name = os.path.split(os.fspath(path))
    if not name:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    try:
        os.stat(folder or os.curdir)
    except FileNotFoundError:
        raise FileNotFoundError(errno.ENOENT, f"there is no folder {os.path.abspath(folder)}") from None


def require_writable(path: str | os.PathLike[str]) -> None:
    """Find out whether ``write_atomically`` could write here, by making a temporary file there and removing it.

    Raises:
        OSError: it could not; nothing was changed.
    """
    _require_name_in_folder(path)
    mode = mode_of(path)
    if own_descriptor(path) is not None:
        return
    if mode is not None and not stat.S_ISREG(mode):
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        if not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, f"there is no folder {target.parent}")
    temporary = target.parent / temporary_name(target.name)
    os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o666))
    os.unlink(temporary)


def mode_of(path: str | os.PathLike[str]) -> int | None:
    """What is at ``path``, links followed, as ``st_mode`` tells it; None where nothing is.

    Raises:
        OSError: the system takes no such name, or does not tell.
    """
    status = _status_of(path)
    return None if status is None else status.st_mode


def _status_of(path: str | os.PathLike[str]) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None
    except ValueError as error:
        # a zero byte, or half of a character
        raise OSError(errno.EINVAL, f"no file can have this name: {error}") from error


def not_written(path: str | os.PathLike[str], error: OSError) -> str:
    """What to say of a file that ``write_atomically`` could not write."""
    kept = "; the file that was there is as it was" if os.path.exists(path) else ""
    return f"{os.fspath(path)} could not be written: {error.strerror or error}{kept}"


def _write_and_rename(target: Path, chunks: Iterable[Buffer], before: os.stat_result | None) -> None:
    sweep(target)
    temporary = target.parent / temporary_name(target.name)
    # O_EXCL: this process alone writes into it, whoever else writes to the same target
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o666)
    try:
        try:
            if before is not None and hasattr(os, "fchown"):
                _give(descriptor, before)
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


def _give(descriptor: int, before: os.stat_result) -> None:
    """Give a file the group, the owner and the permissions of the one that it replaces."""
    for owner, group in ((-1, before.st_gid), (before.st_uid, -1)):
        # to whom a file may be given is the system's to say: others keep what is written as their own
        with contextlib.suppress(OSError):
            os.fchown(descriptor, owner, group)
    os.fchmod(descriptor, stat.S_IMODE(before.st_mode) & ~(stat.S_ISUID | stat.S_ISGID))


def _write(descriptor: int, chunks: Iterable[Buffer]) -> None:
    for chunk in chunks:
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(descriptor, rest) :]


def flush_printed() -> None:
    """Let what was printed so far come before what is written to the same place next."""
    # no stream at all, or a closed one, has nothing to give
    with contextlib.suppress(AttributeError, ValueError):
        sys.stdout.flush()


def own_descriptor(path: str | os.PathLike[str]) -> int | None:
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
