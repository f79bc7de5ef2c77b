"""A text file that grows by a line an epoch."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from typing import Literal, TextIO, final

from layerkit.arguments import check_instance
from layerkit.atomic import flush_printed, mode_of, own_descriptor
from layerkit.errors import ArgumentError, LayerkitError


@final
class LogFile:
    """A file that can be begun anew and added to; every line is handed to the system at once.

    ``owner`` is the callback's name, for errors.

    Raises:
        ArgumentError: ``path`` is no path.
    """

    def __init__(self, owner: str, path: str | os.PathLike[str]) -> None:
        if not isinstance(path, os.PathLike):
            check_instance(owner, "path", path, str)
        self._owner = owner
        self._path = os.fspath(path)
        self._file: TextIO | None = None
        self._first: list[str] | None = None

    def begin(self, lines: Sequence[str]) -> None:
        """Open the file, and let these lines replace what it holds as soon as one is added to them.

        Until then it is as it was: a fit that is refused, or fails in its first epoch, costs nobody a line.

        Raises:
            ArgumentError: the file cannot be written.
        """
        self.close(complete=False)
        self._first = list(lines)
        try:
            # a name that no file can have is told as what cannot be written
            mode_of(self._path)
            descriptor = own_descriptor(self._path)
            if descriptor is not None:
                # behind what this process has printed so far, and nothing of that is replaced
                flush_printed()
            target = self._path if descriptor is None else os.dup(descriptor)
            mode: Literal["a", "w"] = "a" if descriptor is None else "w"
            self._file = open(target, mode, encoding="utf-8", newline="\n")  # noqa: SIM115 - open from epoch to epoch
        except OSError as error:
            raise ArgumentError(
                f"{self._owner}: path {self._path!r} cannot be written: {error.strerror or error}; give a path in a "
                "folder that exists and can be written to"
            ) from error

    def add(self, lines: Sequence[str]) -> None:
        """Write more lines, behind those that the file begins with.

        Raises:
            LayerkitError: the disk is full, or the file is gone.
        """
        assert self._file is not None
        try:
            if self._first is not None:
                # not what was printed, nor what is no file
                if self._file.mode == "a" and stat.S_ISREG(os.fstat(self._file.fileno()).st_mode):
                    self._file.truncate(0)
                lines, self._first = [*self._first, *lines], None
            self._file.writelines(f"{line}\n" for line in lines)
            self._file.flush()
        except OSError as error:
            raise LayerkitError(
                f"{self._owner}: writing {self._path!r} failed: {error.strerror or error}. The trainer is as it was "
                "after this epoch: fit goes on from there"
            ) from error

    def close(self, *, complete: bool) -> None:
        """Close the file if it is open; where the fit was ``complete``, with the lines that it begins with."""
        if self._file is None:
            return
        try:
            if complete:
                self.add([])
        finally:
            file, self._file = self._file, None
            self._close(file)

    @staticmethod
    def _close(file: TextIO) -> None:
        try:
            file.close()
        except OSError:
            # a line that could not be written was told already, and closing tries it once more
            return
