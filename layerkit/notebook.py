"""Small tables of HTML, by which objects show themselves in a notebook."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from html import escape
from typing import Any

_CELL = "padding:0.2em 0.8em;white-space:nowrap;text-align:"


def html_table(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    left: int = 0,
    shades: Sequence[Sequence[float]] | None = None,
    below: str = "",
) -> str:
    """A table of texts, all escaped, whose first ``left`` columns are set left, the others right.

    ``shades``, for the columns that are set right, are from 0 to 1: how much a cell's ground is coloured. ``below``
    stands under the table.

    >>> "&lt;b&gt;" in html_table(["name"], [["<b>"]])
    True
    """
    sides = ["left" if place < left else "right" for place in range(len(titles))]
    head = "".join(f'<th style="{_CELL}{side}">{escape(title)}</th>' for title, side in zip(titles, sides, strict=True))
    body = []
    for number, row in enumerate(rows):
        cells = []
        for place, (text, side) in enumerate(zip(row, sides, strict=True)):
            ground = ""
            if shades is not None and left <= place < left + len(shades[number]):
                # half transparent at most, so that dark and light text can be read on it
                ground = f";background:rgba(40,120,180,{shades[number][place - left] * 0.5:.3f})"
            cells.append(f'<td style="{_CELL}{side}{ground}">{escape(text)}</td>')
        body.append(f"<tr>{''.join(cells)}</tr>")
    told = f'<div style="opacity:0.75;font-size:0.9em">{escape(below)}</div>' if below else ""
    style = "border-collapse:collapse;font-variant-numeric:tabular-nums"
    return (
        f'<div style="overflow-x:auto"><table style="{style}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table>{told}</div>"
    )


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook, which shows HTML."""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    shell: Any = get_ipython()
    return shell is not None and hasattr(shell, "kernel")
