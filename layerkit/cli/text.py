"""Plain text for the terminal and JSON for programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def print_columns(rows: Sequence[Sequence[str]], *, indent: str = "") -> None:
    """Print a table whose columns, all but the last, are as wide as they must be."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print(f"{indent}{'  '.join(cells)}".rstrip())


def print_json(value: object) -> None:
    """Print a value as indented JSON; what JSON does not know is written as Python would show it."""
    import json

    # escaped where the terminal lacks signs: a program must read what was meant
    whole = (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")
    print(json.dumps(value, indent=2, ensure_ascii=not whole, default=repr))
