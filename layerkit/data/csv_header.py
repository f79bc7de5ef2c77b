"""Whether the first line of a table holds the columns' names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from math import isfinite

from layerkit.data.class_names import is_missing
from layerkit.data.csv_format import CsvFormat
from layerkit.data.text_lines import Line
from layerkit.errors import DatasetError

_DIGITS = re.compile(r"\d{1,9}", re.ASCII)
_NAME = re.compile(r"[^\W\d_]")
_SURE = 6
_COMPARED = 50
_LOOKED_AT = 1000


def header_names(line: Line, form: CsvFormat) -> tuple[str, ...]:
    """The names in the first line, without the ``#`` by which ``numpy.savetxt`` marks it."""
    text = line.text.lstrip()
    if text.startswith("#"):
        line = Line(text[1:].strip(" "), line.place)
    return tuple(cell.strip() for cell in form.cells(line))


def has_header(block: Sequence[Line], form: CsvFormat) -> bool:
    """Whether the first of the first lines holds names.

    Raises:
        DatasetError: it cannot be told.
    """
    first = block[0]
    if form.header is not None:
        return form.header
    if first.text.lstrip().startswith("#"):
        return True
    cells = form.cells(first)
    others = block[1:_LOOKED_AT]
    # some programs put names in quotes, and numbers not
    quoted = first.text.count('"') == 2 * len(cells) and not any('"' in line.text for line in others)
    if others and quoted and all(_DIGITS.fullmatch(cell) or not form.is_number(cell) for cell in cells):
        return True
    found = is_header(cells, [form.cells(line) for line in others], form.is_number)
    if found is None:
        numeric = sum(form.is_number(cell) for cell in cells)
        raise DatasetError(
            f"{first.place}: {numeric} of {len(cells)} cells are numbers, and it may hold names, an example, or a "
            "damaged one: say header=True or header=False"
        )
    return found


def is_header(first: Sequence[str], others: Sequence[Sequence[str]], is_number: Callable[[str], bool]) -> bool | None:
    """Whether the cells ``first`` are names, as the lines after them tell; None where it cannot be told.

    A line without a number is one of names. Numbers can be names where they count on by one, as those do that a table
    without names is given when it is written (``0,1,…,783,label``), or evenly by any step, as the wavelengths of a
    spectrum do (``400.0,400.5,…,species``); the lines of data do not count.

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
    even = _counted(first, numeric)
    if any(_counted(line, [is_number(cell) for cell in line]) for line in others[:_COMPARED]):
        even = 0
    if all(numeric):
        # one line with a word in it may be damaged
        alike = len(others) > 1 and all([is_number(cell) for cell in line] == other_numeric for line in others)
        if run is None or len(run) < 3 or (all(other_numeric) and not counts):
            return (None if all(other_numeric) else alike) if even >= _SURE else False
        if all(other_numeric):
            return True if len(run) >= _SURE else None
        return run[0] == 0 or alike
    words = [column for column, number in enumerate(numeric) if not number]
    if numeric == other_numeric:
        return _is_above_words(first, others, words, run if counts else None, even)
    if any(number and not above for number, above in zip(other_numeric, numeric, strict=False)):
        named = all(_is_name(first[column]) or (column == 0 and not first[column].strip()) for column in words)
        if named and run is not None and (len(run) >= 3 or run[0] == 0 or run == [1, 2]):
            return True
        if named and even >= _SURE:
            return True
    return None


def _is_above_words(
    first: Sequence[str], others: Sequence[Sequence[str]], words: Sequence[int], run: list[int] | None, even: int
) -> bool | None:
    """Whether a line is one of names, where the next has words in the same places: the first example of a class?

    ``run``: its numbers, where they count on by one, and those of the next line do not; ``even``: how many of them
    count evenly, where no other line's do.
    """
    found = Counter(tuple(line[column].strip() for column in words) for line in others if len(line) == len(first))
    if tuple(first[column].strip() for column in words) in found:
        return False
    often = min(found.values(), default=1) > 1
    if even >= _SURE or (run is not None and (len(run) >= 3 or (run == [0, 1] and often))):
        return True
    whole = all(_DIGITS.fullmatch(cell.strip()) for column, cell in enumerate(first) if column not in words)
    return None if (even and often) or (whole and (_from_the_start(first, words) or often)) else False


def _run(cells: Sequence[str], numeric: Sequence[bool]) -> list[int] | None:
    """The whole numbers among the cells, if each is by one larger than the one before, in bare digits."""
    digits = [cell.strip() for cell, number in zip(cells, numeric, strict=True) if number]
    if not digits or not all(map(_DIGITS.fullmatch, digits)):
        return None
    values = [int(cell) for cell in digits]
    return values if values == list(range(values[0], values[0] + len(values))) else None


def _from_the_start(first: Sequence[str], words: Sequence[int]) -> bool:
    run = _run(first, [column not in words for column in range(len(first))])
    return run is not None and (len(run) >= 3 or run[0] <= 1)


def _counted(cells: Sequence[str], numeric: Sequence[bool]) -> int:
    """How many numbers there are among the cells, three at least, if they count evenly, up or down; else 0.

    Six or more may be rounded to the digits that are written.
    """
    texts = [cell.strip().replace(",", ".") for cell, number in zip(cells, numeric, strict=True) if number]
    if len(texts) < 3:
        return 0
    values = [float(text) for text in texts]
    step = (values[-1] - values[0]) / (len(values) - 1)
    if not step or not isfinite(step):
        return 0
    digits = [len(text.partition(".")[2]) for text in texts]
    slack = 1e-9 * max(map(abs, values))
    if len(texts) >= _SURE and max(digits) and not any("e" in text.lower() for text in texts):
        rounding = 10.0 ** -max(digits)
        slack = max(slack, rounding if abs(step) >= 3 * rounding else 0.0)
    even = all(abs(values[0] + place * step - value) <= slack for place, value in enumerate(values))
    return len(texts) if even and slack < abs(step) else 0


def _is_name(cell: str) -> bool:
    return bool(_NAME.search(cell)) and not is_missing(cell)
