"""Whether the first line of a table holds the columns' names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from layerkit.data.class_names import is_missing

_NAME = re.compile(r"[^\W\d_]")
_SURE = 6


def is_header(first: Sequence[str], others: Sequence[Sequence[str]], is_number: Callable[[str], bool]) -> bool | None:
    """Whether the cells ``first`` are names, as the lines after them tell; None where it cannot be told.

    A line without a number is one of names. Numbers can be names where they count on by one, as those do that a table
    without names is given when it is written (``0,1,…,783,label``); the lines of data do not count.

    >>> def is_number(cell):
    ...     return cell.replace(".", "").isdigit()
    >>> is_header(["0", "1", "label"], [["5.5", "6", "2"]], is_number)
    True
    >>> is_header(["5.1", "3.5", "setosa"], [["4.9", "3.0", "setosa"]], is_number)
    False
    """
    numeric = [is_number(cell) for cell in first]
    if not any(numeric):
        return True
    if not others:
        return False if all(numeric) else None
    other = others[0]
    other_numeric = [is_number(cell) for cell in other]
    run = _run(first, numeric)
    counts = run is not None and _run(other, other_numeric) is None
    if all(numeric):
        if not counts or run is None or run[0] != 0 or len(run) < 3:
            return False
        return True if len(run) >= _SURE or not all(other_numeric) else None
    words = [column for column, number in enumerate(numeric) if not number]
    if numeric == other_numeric:
        # the same kinds of cells: an example with a class in words, or names above such examples
        again = any(len(line) == len(first) and line[column] == first[column] for line in others for column in words)
        if again or run is None or (len(run) < 3 and run[0] > 1):
            return False
        return True if counts and len(run) >= 3 else None
    if any(number and not above for number, above in zip(other_numeric, numeric, strict=False)):
        named = all(_is_name(first[column]) or (column == 0 and not first[column].strip()) for column in words)
        if named and run is not None and (len(run) >= 3 or run[0] == 0 or run == [1, 2]):
            return True
    return None


def _run(cells: Sequence[str], numeric: Sequence[bool]) -> list[int] | None:
    """The whole numbers among the cells, if each is by one larger than the one before, in bare digits."""
    digits = [cell.strip() for cell, number in zip(cells, numeric, strict=True) if number]
    if not digits or not all(cell.isascii() and cell.isdigit() and len(cell) < 10 for cell in digits):
        return None
    values = [int(cell) for cell in digits]
    return values if values == list(range(values[0], values[0] + len(values))) else None


def _is_name(cell: str) -> bool:
    return bool(_NAME.search(cell)) and not is_missing(cell)
