"""Records that are written to a file as they come."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any, final

from layerkit.callbacks.line_forms import LineForm
from layerkit.callbacks.log_file import LogFile
from layerkit.errors import ArgumentError


@final
class LineWriter:
    """Writes records to a file, line by line; ``owner`` is the callback's name, for errors.

    What the file holds stays until there is something to write: a fit that is refused has lost nothing.

    Raises:
        ArgumentError: ``path`` is no path.
    """

    def __init__(self, owner: str, path: str | os.PathLike[str], form: LineForm) -> None:
        self._owner = owner
        self._path = path
        self._file = LogFile(owner, path)
        self._form = form
        self._begun = False

    def open(self, callbacks: Iterable[object]) -> None:
        """Make ready to write, beside those that watch the same fit.

        Raises:
            ArgumentError: the file cannot be written, holds anything but such lines, or one of them, with a
                ``writer``, writes it.
        """
        self._begun = False
        self._file.open()
        for callback in callbacks:
            other = getattr(callback, "writer", None)
            if isinstance(other, LineWriter) and other is not self and self._file.shares_with(other._file):
                raise ArgumentError(
                    f"{self._owner}: path {os.fspath(self._path)!r} is written by another {type(callback).__name__} "
                    "too: give each a file of its own"
                )
        self._file.require_own(self._form.first_bytes)

    def add(self, records: Sequence[dict[str, Any]]) -> None:
        """Write the last of all records; the first time, all of them."""
        line = self._form.line(records[-1]) if self._begun else None
        if line is None:
            self._begin(records)
        else:
            self._file.add([line])

    def close(self, records: Sequence[dict[str, Any]], *, failed: bool) -> None:
        """Close the file, which holds all records then, unless nothing was written of a fit that failed."""
        if not self._begun and not failed:
            self._begin(records)
        self._file.close()

    def _begin(self, records: Sequence[dict[str, Any]]) -> None:
        self._file.begin(self._form.whole(records))
        self._begun = True
