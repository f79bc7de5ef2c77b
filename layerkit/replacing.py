"""What may be replaced: a file of the kind that is written, and nothing else that somebody may miss."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from typing import BinaryIO, TypeAlias

from layerkit.atomic import mode_of, own_descriptor

Recognizer: TypeAlias = Callable[[BinaryIO], bool]
"""Whether an open file, which is not empty, is of one's own kind."""


def require_replaceable(path: str | os.PathLike[str], is_own: Recognizer, kind: str) -> None:
    """Refuse a file that holds something other than ``kind`` (``"a model"``), which would be lost.

    What is not there, is empty, is no regular file, or may not be read, is left to the writer.

    Raises:
        OSError: it does; the message says what to do.
    """
    mode = mode_of(path)
    if mode is None or not stat.S_ISREG(mode) or own_descriptor(path) is not None:
        return
    try:
        # something else may have been put in its place since: a pipe is not waited for
        with open(path, "rb", opener=_opened_at_once) as file:
            replaceable = not file.peek(1) or is_own(file)
    except OSError:
        return
    if not replaceable:
        raise OSError(
            None, f"it holds something other than {kind}, which would be lost: give another file, or remove this one"
        )


def begins_with(first_bytes: bytes, *, after: int = 0) -> Recognizer:
    """Of a kind whose files begin so, ``after`` some bytes that may be any."""

    def begins(file: BinaryIO) -> bool:
        return file.read(after + len(first_bytes))[after:] == first_bytes

    return begins


def _opened_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
