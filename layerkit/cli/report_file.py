"""The option ``--report``: checked before any work, and written after it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from layerkit.cli.places import place

Report = Annotated[
    Path | None,
    typer.Option(
        "--report",
        parser=place,
        metavar="FILE",
        help="Write a page with all of it here, such as report.html (needs layerkit[report]).",
    ),
]
_BEGINNING = 4096


def check_report(path: Path | None) -> None:
    """Refuse, before any work, a report that could not be made or written after it.

    Raises:
        MissingExtraError: a package is missing.
        ArgumentError: there cannot be such a file, or it holds something else.
    """
    if path is None:
        return
    from layerkit.cli.json_report import check_writable
    from layerkit.reports.report import require_report

    check_writable("--report", path, replaces=_is_report, kind="a report")
    require_report()


def command_line(words: Sequence[str], options: Mapping[str, Any]) -> str:
    """The command as it is typed; ``options`` by their names, None or False where they were not given."""
    typed = ["layerkit", *words]
    for name, value in options.items():
        if value is None or value is False or value == ():
            continue
        for each in value if isinstance(value, tuple) else (value,):
            typed += [name] if each is True else [name, str(each)]
    return shlex.join(typed)


def _is_report(file: BinaryIO) -> bool:
    beginning = file.read(_BEGINNING)
    return beginning.startswith(b"<!DOCTYPE html>") and b'<meta name="generator" content="layerkit">' in beginning
