"""Standard output and error, whatever they are connected to."""

from __future__ import annotations

import errno
import io
import sys
from typing import Any, final


def open_streams() -> None:
    """Let text always be printed: a terminal that lacks a sign shows another.

    There may be no stream, in a program without a console, or where the caller has closed it (``>&-``). Without
    standard error nothing is shown there; without standard output, what is printed is refused by an OSError, as it is
    of a full disk, unless the command calls ``do_without_output``.
    """
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name)
        if is_closed(stream):
            setattr(sys, name, _Nowhere(refuses=name == "stdout"))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def discard_output() -> None:
    """Print nothing more: what could not be written would be tried, and fail, once more when the program ends."""
    sys.stdout = _Nowhere()


def do_without_output() -> None:
    """Let what is printed be lost where there is no standard output: for commands whose work is done elsewhere."""
    if isinstance(sys.stdout, _Nowhere):
        discard_output()


def is_terminal(stream: Any) -> bool:
    """Whether a person sees what is written to a stream as it comes."""
    return not is_closed(stream) and bool(getattr(stream, "isatty", bool)())


def is_closed(stream: Any) -> bool:
    """Whether nothing can be written: a stream was closed, or there is none."""
    return stream is None or bool(getattr(stream, "closed", False))


@final
class _Nowhere(io.TextIOBase):
    """Takes text, and shows it to nobody; or refuses it."""

    def __init__(self, *, refuses: bool = False) -> None:
        self._refuses = refuses

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self._refuses:
            raise OSError(errno.EBADF, "it is closed")
        return len(text)
