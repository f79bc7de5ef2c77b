"""Plain text for the terminal and JSON for programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TextIO

from layerkit.terminal import is_terminal

_NARROWEST = 20
_BELOW = 4


def print_columns(rows: Sequence[Sequence[str]], *, indent: str = "") -> None:
    """Print a table whose columns, all but the last, are as wide as they must be; the last is wrapped at words."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    before = len(indent) + sum(width + 2 for width in widths[:-1])
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print(wrapped(f"{indent}{'  '.join(cells)}".rstrip(), sys.stdout, before))


def print_error(text: str) -> None:
    """Print an error as a person wants to read it: wrapped at words."""
    print(wrapped(text, sys.stderr), file=sys.stderr)


def wrapped(text: str, stream: TextIO, indent: int = 0) -> str:
    """Lines that a terminal does not break in the middle of words; the text itself where ``stream`` is none.

    Every line but the first begins with ``indent`` blanks.
    """
    if not is_terminal(stream):
        return text
    import shutil
    import textwrap

    width = shutil.get_terminal_size().columns
    if len(text) <= width:
        return text
    first, rest = text[:indent], text[indent:]
    if width - indent < _NARROWEST:
        # no room beside the other columns: below them
        first, indent = f"{first.rstrip()}\n{' ' * _BELOW}", _BELOW
    lines = textwrap.wrap(rest, max(width - indent, 1), break_long_words=False, break_on_hyphens=False)
    return first + f"\n{' ' * indent}".join(lines)


def print_json(value: object) -> None:
    """Print a value as indented JSON; what JSON does not know is written as Python would show it."""
    import json

    # escaped where the terminal lacks signs: a program must read what was meant
    whole = (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")
    print(json.dumps(value, indent=2, ensure_ascii=not whole, default=repr))
