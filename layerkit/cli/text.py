"""Plain text for the terminal and JSON for programs."""

from __future__ import annotations

import atexit
import math
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, TextIO

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


def print_data(data: bytes) -> None:
    """Print what a program, or a file, takes as it is: in UTF-8, whatever the stream's own encoding.

    A terminal shows it in the signs that it has.
    """
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None or is_terminal(sys.stdout):
        print(data.decode(), end="")
        return
    sys.stdout.flush()
    buffer.write(data)
    sys.stdout.flush()


def print_json(value: object) -> None:
    """Print a value as indented JSON; what JSON does not know is written as Python would show it."""
    import json

    # escaped where the terminal lacks signs: a program must read what was meant
    whole = (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")
    text = json.dumps(finite(value), indent=2, ensure_ascii=not whole, default=repr)
    # half of a character, out of a name of a file that is not UTF-8, has no other form
    print(text.encode(errors="backslashreplace").decode())


def finite(value: Any) -> Any:
    """The same with null for what JSON has no number for."""
    if isinstance(value, Mapping):
        return {name: finite(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(inner) for inner in value]
    if hasattr(value, "as_json"):
        # what a metric reports that is no number, such as a Confusion
        return finite(value.as_json())
    return None if isinstance(value, float) and not math.isfinite(value) else value


@contextmanager
def output_for_programs() -> Iterator[None]:
    """Keep standard output for what is printed afterwards; what anything prints meanwhile goes to standard error.

    Also what is written to the file by its number, and, since plugins may ask to be called then, when the program ends.
    """
    real = sys.stdout
    real.flush()
    with ExitStack() as stack:
        # either stream may be closed
        with suppress(OSError):
            kept = os.dup(1)
            stack.callback(os.close, kept)
            os.dup2(2, 1)
            stack.callback(os.dup2, kept, 1)
        stack.callback(setattr, sys, "stdout", real)
        stack.callback(real.flush)
        sys.stdout = sys.stderr
        yield
    atexit.register(_end_output)


def _end_output() -> None:
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        os.dup2(2, 1)
