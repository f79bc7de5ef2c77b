"""Where a command writes, held against where it reads: no result takes the place of what it came from."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from layerkit.atomic import mode_of
from layerkit.errors import ArgumentError


def place(text: str) -> Path:
    """The path that an option gives; an empty one, which would mean this folder, is what a variable without a value
    leaves behind.

    Raises:
        BadParameter: it is empty, or ``-``, which elsewhere is standard output.
    """
    if not text:
        raise typer.BadParameter("it is empty: give a file or a folder, or leave the option out")
    if text == "-":
        raise typer.BadParameter("- names no file: /dev/stdout is standard output, and ./- a file of that name")
    return Path(text)


def require_apart(outputs: Mapping[str, Any], inputs: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
    """Refuse an output that is a file which the command reads, or that another output is written to as well.

    ``outputs``: by option, None where it was not given; ``inputs``: by what the file is to the command. Devices and
    pipes take what comes, and may be named again.

    Raises:
        ArgumentError: two are the same file, links followed; the message names both.
    """
    read: dict[str, str] = {}
    for name, path in dict(inputs).items():
        read.setdefault(_identity(path), name)
    written: dict[str, str] = {}
    for option, path in outputs.items():
        if path is None or not _is_place(path):
            continue
        file = _identity(path)
        if file in read:
            raise ArgumentError(f"{option}: {path} is {read[file]}, which would be lost; give another file")
        if file in written:
            raise ArgumentError(f"{option}: {path} is written by {written[file]} too; give another file")
        written[file] = option


def files_in(settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The arguments that name a file which is there, such as a dataset's ``path``, each with what it is."""
    for path, value in settings.items():
        if isinstance(value, (str, os.PathLike)) and _is_place(value) and os.path.isfile(value):
            yield f"the file that {path} names", value


def _is_place(path: Any) -> bool:
    """Whether a path stands for a file of its own: one that is there, or one that would be made."""
    try:
        mode = mode_of(path)
    except OSError:
        # no file can have this name, which is told where it is opened
        return False
    return mode is None or stat.S_ISREG(mode)


def _identity(path: Any) -> str:
    return os.path.normcase(os.path.realpath(path))
