"""A text file that grows by a line an epoch."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from typing import TextIO, final

from layerkit.arguments import check_path
from layerkit.atomic import flush_printed, mode_of, own_descriptor
from layerkit.errors import ArgumentError, LayerkitError

_FLAGS: int = os.O_WRONLY | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)


@final
class LogFile:
    """A file that can be begun anew and added to; every line is handed to the system at once.

    ``owner`` is the callback's name, for errors.

    Raises:
        ArgumentError: ``path`` is no path.
    """

    def __init__(self, owner: str, path: str | os.PathLike[str]) -> None:
        check_path(owner, "path", path)
        self._owner = owner
        self._path = os.fspath(path)
        self._file: TextIO | None = None
        self._regular = False

    def open(self) -> None:
        """Make ready to write; what the file holds stays until there is something to replace it.

        Raises:
            ArgumentError: the file cannot be written.
        """
        self.close()
        try:
            # a name that no file can have is told as what cannot be written
            mode_of(self._path)
            descriptor = own_descriptor(self._path)
            if descriptor is not None:
                # behind what this process has printed so far, and nothing of that is replaced
                flush_printed()
            target = os.open(self._path, _FLAGS, 0o666) if descriptor is None else os.dup(descriptor)
            self._file = open(target, "w", encoding="utf-8", newline="\n")  # noqa: SIM115 - open from epoch to epoch
            self._regular = descriptor is None and stat.S_ISREG(os.fstat(target).st_mode)
        except OSError as error:
            raise ArgumentError(
                f"{self._owner}: path {self._path!r} cannot be written: {error.strerror or error}; give a path in a "
                "folder that exists and can be written to"
            ) from error

    def require_own(self, first_bytes: bytes) -> None:
        """Refuse a file that holds something, and does not begin as one of its kind: data, say, or a model.

        Raises:
            ArgumentError: it does not.
        """
        if not self._regular:
            return
        try:
            # something else may have been put in its place since: a pipe is not waited for
            with open(self._path, "rb", buffering=0, opener=_opened_at_once) as file:
                found = file.read(len(first_bytes))
        except OSError:
            # it may be written, and not be read
            return
        if found not in (b"", first_bytes):
            raise ArgumentError(
                f"{self._owner}: path {self._path!r} holds something other than a log of this kind, which would be "
                "lost: give another file, or remove this one"
            )

    def shares_with(self, other: LogFile) -> bool:
        """Whether both are open, and are one regular file, under whatever names."""
        if self._file is None or other._file is None or not (self._regular and other._regular):
            return False
        return os.path.samestat(*(os.fstat(each.fileno()) for each in (self._file, other._file)))

    def begin(self, lines: Sequence[str]) -> None:
        """Replace what the file holds; what has gone through a pipe, or to a device, is followed by it.

        Raises:
            LayerkitError: as ``add``.
        """
        assert self._file is not None
        if self._regular:
            self._file.seek(0)
            self._file.truncate()
        self.add(lines)

    def add(self, lines: Sequence[str]) -> None:
        """Write more lines.

        Raises:
            LayerkitError: the disk is full, or the file is gone.
        """
        assert self._file is not None
        try:
            self._file.writelines(f"{line}\n" for line in lines)
            self._file.flush()
        except OSError as error:
            raise LayerkitError(
                f"{self._owner}: writing {self._path!r} failed: {error.strerror or error}. The trainer is as it was "
                "after this epoch: fit goes on from there"
            ) from error

    def close(self) -> None:
        """Close the file if it is open."""
        if self._file is None:
            return
        file, self._file = self._file, None
        try:
            file.close()
        except OSError:
            # a line that could not be written was told already, and closing tries it once more
            return


def _opened_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
