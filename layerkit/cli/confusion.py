"""The table of what is taken for what."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from layerkit.types import Array

_LONGEST_NAME = 12
_LISTED = 10


def confusion_lines(confusion: Array, classes: Sequence[str], *, width: int) -> list[str]:
    r"""The counts as a table, a row for each true class; the most frequent mistakes where that is too wide.

    >>> print("\n".join(confusion_lines(np.array([[3, 1], [0, 4]]), ["cat", "dog"], width=80)))
    rows: the true class, columns: taken for
         cat  dog     right
    cat    3    1   75.00 %
    dog    .    4  100.00 %
    """
    names = [name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…" for name in classes]
    title = max(map(len, names))
    cell = max(title, len(str(confusion.max(initial=0))), 2)
    if title + (cell + 2) * len(names) + 12 > width:
        return _list(confusion, classes)
    lines = [
        "rows: the true class, columns: taken for",
        f"{'':{title}}" + "".join(f"  {name:>{cell}}" for name in names) + "     right",
    ]
    for name, row, right in zip(names, confusion.tolist(), _shares(confusion), strict=True):
        cells = "".join(f"  {count or '.':>{cell}}" for count in row)
        lines.append(f"{name:<{title}}{cells}  {right:>8}")
    return lines


def _list(confusion: Array, classes: Sequence[str]) -> list[str]:
    wrong = confusion.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:_LISTED]
    found = [(int(true), int(taken)) for true, taken in zip(*np.unravel_index(order, wrong.shape), strict=True)]
    lines = [
        f"  {classes[true]} taken for {classes[taken]}: {wrong[true, taken]:,} of {confusion[true].sum():,}"
        for true, taken in found
        if wrong[true, taken]
    ]
    return ["the most frequent mistakes", *lines] if lines else ["there is no mistake"]


def _shares(confusion: Array) -> list[str]:
    totals = confusion.sum(axis=1)
    return [
        f"{right / total:.2%}".replace("%", " %") if total else "no examples"
        for right, total in zip(confusion.diagonal().tolist(), totals.tolist(), strict=True)
    ]
