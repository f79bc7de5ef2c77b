"""The columns of a table while it is read: numbers, and perhaps a target in words."""

from __future__ import annotations

import math
import re
from typing import Literal, TypeAlias, final

import numpy as np

from layerkit.data.class_names import is_missing
from layerkit.data.csv_format import CsvFormat
from layerkit.data.text_lines import Line
from layerkit.errors import DatasetError
from layerkit.types import Array

Text: TypeAlias = bool | Literal["ignored"] | None
"""Whether a target is text: all of it, none of it, what its first cell says (None), or whatever: it is not read."""

_MOST_CLASSES = 2**16
_LONGEST_CLASS = 1000
_PLAIN = CsvFormat()
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SIGNS_OF_AMOUNTS = re.compile(r"^[+-]|[\s$€£¥%.,']+")


@final
class Columns:
    """The columns of a table that is being read, and the classes found so far."""

    def __init__(self, place: str, form: CsvFormat, width: int, names: tuple[str, ...] | None) -> None:
        self.width = width
        self.target: int | None = None
        self._place = place
        self._form = form
        self.names = names
        self._text = False
        self._declared = self._ignored = False
        self._codes: dict[str, int] = {}

    def choose(self, target: str | int, text: Text, rows: list[Line]) -> None:
        """Look for the target's column, and whether it is text."""
        self.target = self._found(target)
        self._declared = text is True
        self._ignored = text == "ignored"
        self._text = self._declared or self._ignored
        if text is None and rows:
            cell = self._cells(rows[0])[self.target]
            self._text = bool(cell.strip()) and not self._form.is_number(cell)

    def parsed(self, block: list[Line]) -> Array:
        """The values of these lines, ``(rows, columns)``."""
        values = self._quickly(block)
        if values is not None:
            return values
        return np.array([self._numbers(line) for line in block])

    def sorted_classes(self, values: Array) -> tuple[str, ...] | None:
        """The classes in order, if the target is text; its ``values`` become places among them."""
        if not self._text or self._ignored:
            return None
        classes = tuple(sorted(self._codes))
        order = np.empty(len(classes))
        for label, name in enumerate(classes):
            order[self._codes[name]] = label
        values[:, self.target] = order[values[:, self.target].astype(np.intp)]
        return classes

    def _found(self, target: str | int) -> int:
        width, names = self.width, self.names or ()
        if width < 2:
            hint = _separators(names[0], self._form.delimiter) if names else ""
            raise DatasetError(
                f"{self._place}: it has one column; expected features and a target, separated by "
                f"{self._form.delimiter!r} (delimiter){hint}"
            )
        if isinstance(target, str):
            if names.count(target) != 1:
                columns = f"the columns are {', '.join(names[:20])}" if names else "the file has no header"
                found = "more than one column is" if target in names else "no column is"
                raise DatasetError(f"{self._place}: {found} named {target!r} (target): {columns}")
            return names.index(target)
        if not -width <= target < width:
            raise DatasetError(f"{self._place}: target is column {target}, but there are {width}, counted from 0")
        return int(target) % width

    def _quickly(self, block: list[Line]) -> Array | None:
        """NumPy's reader takes a sixth of the time, but cannot say which line and cell it stumbles over."""
        delimiter, decimal, width = self._form.delimiter, self._form.decimal, self.width
        texts = [line.text for line in block]
        if decimal != ".":
            if self._text or any("." in text for text in texts):
                return None
            texts = [text.replace(decimal, ".") for text in texts]
        if not self._text:
            return _loaded(texts, delimiter, (len(block), width))
        if any('"' in text or text.count(delimiter) != width - 1 for text in texts):
            return None
        words = self.target
        assert words is not None
        features = [column for column in range(width) if column != words]
        loaded = _loaded(texts, delimiter, (len(block), width - 1), features)
        if loaded is None:
            return None
        values = np.empty((len(block), width))
        values[:, features] = loaded
        values[:, words] = [self._code(_cell_at(line.text, delimiter, words, width), line) for line in block]
        return values

    def _cells(self, line: Line) -> list[str]:
        cells = self._form.cells(line)
        if len(cells) != self.width:
            raise DatasetError(f"{line.place}: {len(cells)} cells, where the first line has {self.width}")
        return cells

    def _numbers(self, line: Line) -> list[float]:
        cells = self._cells(line)
        return [
            self._code(cell, line) if self._text and column == self.target else self._number(cell, column, line)
            for column, cell in enumerate(cells)
        ]

    def _number(self, cell: str, column: int, line: Line) -> float:
        value = self._form.number(cell)
        if value is None:
            told = f"is {cell.strip()[:40]!r}, not a number" if cell.strip() else "is empty"
            raise DatasetError(f"{self._cell_place(line, column)} {told}{self._advice(cell, column)}")
        if not math.isfinite(value):
            raise DatasetError(f"{self._cell_place(line, column)} is {cell.strip()[:40]}, not a finite number")
        return value

    def _advice(self, cell: str, column: int) -> str:
        if self.width == 1:
            return _separators(cell, self._form.delimiter)
        other = {".": ",", ",": "."}[self._form.decimal]
        if other in cell and self._form.number(cell.replace(other, "")) is not None:
            if other == ",":
                return ": if that is a decimal comma, say decimal=','; thousands are written without commas"
            return ": with decimal=',' a point is no part of a number"
        if cell.strip() and not is_missing(cell) and column == self.target:
            return ": if the target is classes, say labels=True"
        if cell.strip() and self.names and not self.names[-1] and self.target == self.width - 1:
            return ": the lines end in a separator, which makes a last column without a name: say target"
        if cell.strip() and not is_missing(cell) and self.target is not None:
            return ": a column of words can be the target only (target)"
        return ""

    def _code(self, cell: str, line: Line) -> int:
        if self._ignored:
            return 0
        name = cell.strip()
        code = self._codes.get(name)
        if code is not None:
            return code
        assert self.target is not None
        place = self._cell_place(line, self.target)
        if not name or (is_missing(name) and not self._declared):
            raise DatasetError(f"{place} is {repr(name) if name else 'empty'}: an example needs a target; leave it out")
        if not self._declared and _is_amount(name):
            raise DatasetError(
                f"{place} is {name[:40]!r}, a number or written like one, where the first rows hold words: write all "
                "as numbers (decimal), or say labels=True if they are classes"
            )
        if _CONTROL.search(name):
            raise DatasetError(f"{place} is {name[:40]!r}, with signs that are no text")
        if len(self._codes) == _MOST_CLASSES or len(name) > _LONGEST_CLASS:
            raise DatasetError(
                f"{place}: the target holds a text of {len(name):,} characters, and {len(self._codes):,} others: "
                "no names of classes"
            )
        self._codes[name] = len(self._codes)
        return self._codes[name]

    def _cell_place(self, line: Line, column: int) -> str:
        named = f" ({self.names[column][:40]!r})" if self.names and self.names[column] else ""
        return f"{line.place}: column {column + 1}{named}"


def _is_amount(cell: str) -> bool:
    """Whether a cell is a number, or one but for a comma or signs of money, per cent and thousands."""
    return _PLAIN.is_number(cell.replace(",", ".")) or _SIGNS_OF_AMOUNTS.sub("", cell).isdigit()


def _separators(cell: str, delimiter: str) -> str:
    """Advice where a line was not cut into cells."""
    others = [mark for mark in (";", ",", "\t", "|", " ") if mark in cell.strip() and mark != delimiter]
    return f"; its cells may be separated by {others[0]!r} (delimiter)" if others else ""


def _loaded(texts: list[str], delimiter: str, shape: tuple[int, int], columns: list[int] | None = None) -> Array | None:
    try:
        values = np.loadtxt(texts, delimiter=delimiter, comments=None, ndmin=2, usecols=columns)
    except ValueError:
        return None
    return values if values.shape == shape and np.isfinite(values).all() else None


def _cell_at(text: str, delimiter: str, column: int, width: int) -> str:
    after = width - 1 - column
    if after < column:
        return text.rsplit(delimiter, after + 1)[1]
    return text.split(delimiter, column + 1)[column]
