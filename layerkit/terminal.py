"""Standard output and error, whatever they are connected to."""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, final

_UNREAD = (errno.EPIPE, errno.EIO, errno.ECONNRESET)


def open_streams() -> None:
    """Let text always be printed: a terminal that lacks a sign shows another.

    There may be no stream, in a program without a console, or where the caller has closed it (``>&-``). Without
    standard error nothing is shown there; without standard output, what is printed is refused by an OSError, as it is
    of a full disk, unless the command calls ``do_without_output``. A pipe whose reader has gone (``| head -1``) takes
    what is printed, and shows it to nobody: the command does its work to the end.
    """
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name)
        if is_closed(stream):
            setattr(sys, name, _Nowhere(refuses=name == "stdout"))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
            if _is_pipe(stream):
                setattr(sys, name, _for_a_pipe(stream))


def discard_output() -> None:
    """Print nothing more: what could not be written would be tried, and fail, once more when the program ends."""
    sys.stdout = _Nowhere()


def do_without_output() -> None:
    """Let what is printed be lost where there is no standard output: for commands whose work is done elsewhere."""
    if isinstance(sys.stdout, _Nowhere):
        discard_output()


@contextmanager
def unread() -> Iterator[None]:
    """Let what is printed inside be lost where its reader has gone, or the terminal is no more.

    For what shows how work goes on, and is no reason to end it. Any other error, of a full disk say, is raised.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _UNREAD:
            raise


def is_terminal(stream: Any) -> bool:
    """Whether a person sees what is written to a stream as it comes."""
    return not is_closed(stream) and bool(getattr(stream, "isatty", bool)())


def is_closed(stream: Any) -> bool:
    """Whether nothing can be written: a stream was closed, or there is none."""
    return stream is None or bool(getattr(stream, "closed", False))


def _is_pipe(stream: io.TextIOWrapper) -> bool:
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _for_a_pipe(stream: io.TextIOWrapper) -> io.TextIOWrapper:
    """The same stream, but for what happens when the reader has gone."""
    stream.flush()
    pipe = _Pipe(stream.fileno(), "wb", closefd=False)
    unbuffered = isinstance(stream.buffer, io.RawIOBase)
    return io.TextIOWrapper(
        pipe if unbuffered else io.BufferedWriter(pipe),
        stream.encoding,
        "replace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


@final
class _Pipe(io.FileIO):
    """A pipe that takes what is written to it also when nobody reads it any more."""

    def write(self, data: Any) -> int | None:  # type: ignore[override]
        with unread():
            return super().write(data)
        return memoryview(data).nbytes


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
