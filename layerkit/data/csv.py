"""Tables in ``.csv`` files: columns of numbers, and perhaps a target in words."""

from __future__ import annotations

import gzip
import math
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import final

import numpy as np

from layerkit.data.class_names import is_missing
from layerkit.data.csv_header import is_header
from layerkit.data.files import MAXIMUM_BYTES, PathLike, opened
from layerkit.data.text_lines import Line, Readable, text_lines
from layerkit.errors import DatasetError
from layerkit.types import Array

_BLOCK = 2**20
_LOOKED_AT = 1000
_MOST_CLASSES = 2**16
_LONGEST_CLASS = 1000
_SIGNS_OF_AMOUNTS = re.compile(r"^[+-]|[\s$€£¥%.,']+")


@dataclass(frozen=True, slots=True)
class Table:
    """``values``: ``(rows, columns)`` float64, all finite; ``names``: one a column, or ``None`` without a header.

    ``target``: the place of the target's column, if one was asked for. ``classes``: what it holds, sorted, where that
    is text; its values are then places in ``classes``.
    """

    values: Array
    names: tuple[str, ...] | None
    target: int | None = None
    classes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvFormat:
    """How a table is written.

    ``header``: whether the first line holds names; ``None``: that is told from the lines (an error where they do not).
    """

    header: bool | None = None
    delimiter: str = ","
    decimal: str = "."
    encoding: str = "utf-8"


def read_csv(
    path: PathLike,
    form: CsvFormat = CsvFormat(),
    *,
    target: str | int | None = None,
    optional: bool = False,
    text: bool | None = False,
    maximum_bytes: int = MAXIMUM_BYTES,
) -> Table:
    """The table in a text file, gzipped or not (its first bytes tell), one row a line, read piece by piece.

    ``target``: the name or the place of a column in which ``text`` is allowed: where it is True, all of it is taken as
    text, and where it is None, its first cell tells. ``optional``: there may be no such place. Blank lines are passed
    over. ``maximum_bytes`` limits the table in memory, 8 bytes a cell.

    Raises:
        DatasetError: the file cannot be read, is empty or too large, its rows differ in length, a cell is not a finite
            number, or there is no such target; the message names the line and the column.
    """
    parse = partial(parse_csv, target=target, optional=optional, text=text, maximum_bytes=maximum_bytes)
    with opened(path) as file:
        if file.peek(2)[:2] != b"\x1f\x8b":
            return parse(file, str(path), form)
        with gzip.GzipFile(fileobj=file, mode="rb") as unpacked:
            return parse(unpacked, str(path), form)


def parse_csv(
    file: Readable,
    place: str,
    form: CsvFormat = CsvFormat(),
    *,
    target: str | int | None = None,
    optional: bool = False,
    text: bool | None = False,
    maximum_bytes: int = MAXIMUM_BYTES,
) -> Table:
    """What ``read_csv`` does, of an open file; ``place`` names it in errors."""
    names: tuple[str, ...] | None = None
    columns: _Columns | None = None
    numbers = array("d")
    for block in _blocks(text_lines(file, place, encoding=form.encoding)):
        if columns is None:
            if _has_header(block, form):
                cells = split_cells(block.pop(0), form.delimiter)
                names = (cells[0].strip().removeprefix("#").strip(), *(cell.strip() for cell in cells[1:]))
            columns = _Columns(place, form, names or tuple(split_cells(block[0], form.delimiter)), names is not None)
            if target is not None and not (optional and isinstance(target, int) and target >= columns.width):
                columns.choose(target, text, block[:1])
        if (len(numbers) + len(block) * columns.width) * 8 > maximum_bytes:
            raise DatasetError(f"{block[-1].place}: the table exceeds {maximum_bytes:,} bytes (maximum_bytes)")
        if block:
            numbers.frombytes(columns.parsed(block).tobytes())
    if columns is None or not numbers:
        raise DatasetError(f"{place}: {'a header, but no rows' if names else 'the file is empty'}")
    values = np.frombuffer(numbers).reshape(-1, columns.width)
    return Table(values, names, columns.target, columns.sorted_classes(values))


def split_cells(line: Line, delimiter: str) -> list[str]:
    """The cells of a line, without the quotes that they may stand in, alone or among spaces.

    Raises:
        DatasetError: a quote is not closed, or something follows it.
    """
    text = line.text
    if '"' not in text:
        return text.split(delimiter)
    # each line by itself, so that a lost quote cannot swallow the lines after it
    cells, start = list[str](), 0
    pattern = _cell(delimiter)
    while True:
        match = pattern.match(text, start)
        if match is None:
            raise DatasetError(
                f"{line.place}: cell {len(cells) + 1} begins with a quote that is not closed at the end of the cell"
            )
        cells.append(match[2] if match[1] is None else match[1].replace('""', '"'))
        if match.end() == len(text):
            return cells
        start = match.end() + 1


@cache
def _cell(delimiter: str) -> re.Pattern[str]:
    mark = re.escape(delimiter)
    space = rf"[^\S{mark}]*"
    return re.compile(rf'{space}"((?:[^"]|"")*+)"{space}(?={mark}|\Z)|(?!{space}")([^{mark}]*)')


def _blocks(lines: Iterator[Line]) -> Iterator[list[Line]]:
    block: list[Line] = []
    size = 0
    for line in lines:
        block.append(line)
        size += len(line.text)
        # the first line is compared with the second
        if size >= _BLOCK and len(block) > 1:
            yield block
            block, size = [], 0
    if block:
        yield block


def _has_header(block: list[Line], form: CsvFormat) -> bool:
    first = block[0]
    if form.header is not None:
        return form.header
    if first.text.lstrip().startswith("#"):
        return True
    cells = split_cells(first, form.delimiter)
    second = block[1].text if len(block) > 1 else '"'
    if '"' not in second and first.text.count('"') == 2 * len(cells):
        return True
    others = [split_cells(line, form.delimiter) for line in block[1:_LOOKED_AT] if '"' not in line.text] or [
        split_cells(line, form.delimiter) for line in block[1:2]
    ]
    found = is_header(cells, others, partial(_is_number, decimal=form.decimal))
    if found is None:
        numeric = sum(_is_number(cell, form.decimal) for cell in cells)
        raise DatasetError(
            f"{first.place}: {numeric} of {len(cells)} cells are numbers, and it may hold names, an example, or a "
            "damaged one: say header=True or header=False"
        )
    return found


@final
class _Columns:
    """The columns of a table that is being read, and the classes found so far."""

    def __init__(self, place: str, form: CsvFormat, first: Sequence[str], named: bool) -> None:
        self.width = len(first)
        self.target: int | None = None
        self._place = place
        self._form = form
        self._names = tuple(first) if named else None
        self._text = False
        self._declared = False
        self._codes: dict[str, int] = {}

    def choose(self, target: str | int, text: bool | None, rows: list[Line]) -> None:
        """Look for the target's column, and whether it is text."""
        self.target = self._found(target)
        self._declared = text is True
        self._text = self._declared
        if text is None and rows:
            cell = self._cells(rows[0])[self.target]
            self._text = bool(cell.strip()) and not _is_number(cell, self._form.decimal)

    def parsed(self, block: list[Line]) -> Array:
        """The values of these lines, ``(rows, columns)``."""
        values = self._quickly(block)
        if values is not None:
            return values
        return np.array([self._numbers(line) for line in block])

    def sorted_classes(self, values: Array) -> tuple[str, ...] | None:
        """The classes in order, if the target is text; its ``values`` become places among them."""
        if not self._text:
            return None
        classes = tuple(sorted(self._codes))
        order = np.empty(len(classes))
        for label, name in enumerate(classes):
            order[self._codes[name]] = label
        values[:, self.target] = order[values[:, self.target].astype(np.intp)]
        return classes

    def _found(self, target: str | int) -> int:
        width, names = self.width, self._names or ()
        if width < 2:
            others = [mark for mark in (";", ",", "\t", "|") if names and mark in names[0]]
            hint = f"; its cells may be separated by {others[0]!r}" if others else ""
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
        cells = split_cells(line, self._form.delimiter)
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
        value = _number(cell, self._form.decimal)
        if value is None:
            told = f"is {cell.strip()[:40]!r}, not a number" if cell.strip() else "is empty"
            raise DatasetError(f"{self._cell_place(line, column)} {told}{self._advice(cell, column)}")
        if not math.isfinite(value):
            raise DatasetError(f"{self._cell_place(line, column)} is {cell.strip()[:40]}, not a finite number")
        return value

    def _advice(self, cell: str, column: int) -> str:
        other = {".": ",", ",": "."}[self._form.decimal]
        if other in cell and _number(cell.replace(other, ""), self._form.decimal) is not None:
            if other == ",":
                return ": if that is a decimal comma, say decimal=','; thousands are written without commas"
            return ": with decimal=',' a point is no part of a number"
        if cell.strip() and not is_missing(cell) and column == self.target:
            return ": if the target is classes, say labels=True"
        if cell.strip() and not is_missing(cell) and self.target is not None:
            return ": a column of words can be the target only (target)"
        return ""

    def _code(self, cell: str, line: Line) -> int:
        name = cell.strip()
        code = self._codes.get(name)
        if code is not None:
            return code
        assert self.target is not None
        place = self._cell_place(line, self.target)
        if not name or (is_missing(name) and not self._declared):
            raise DatasetError(f"{place} is {repr(name) if name else 'empty'}: an example needs a target; leave it out")
        if not self._declared and (_is_number(name, ".") or _SIGNS_OF_AMOUNTS.sub("", name).isdigit()):
            raise DatasetError(
                f"{place} is {name[:40]!r}, a number or written like one, where the first rows hold words: write all "
                "as numbers (decimal), or say labels=True if they are classes"
            )
        if len(self._codes) == _MOST_CLASSES or len(name) > _LONGEST_CLASS:
            raise DatasetError(
                f"{place}: the target holds a text of {len(name):,} characters, and {len(self._codes):,} others: "
                "no names of classes"
            )
        self._codes[name] = len(self._codes)
        return self._codes[name]

    def _cell_place(self, line: Line, column: int) -> str:
        named = f" ({self._names[column][:40]!r})" if self._names and self._names[column] else ""
        return f"{line.place}: column {column + 1}{named}"


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


def _is_number(cell: str, decimal: str) -> bool:
    return _number(cell, decimal) is not None


def _number(cell: str, decimal: str) -> float | None:
    if decimal != ".":
        if "." in cell:
            return None
        cell = cell.replace(decimal, ".")
    try:
        # Python reads 1_000 as a number; in a table it is damage
        return None if "_" in cell else float(cell)
    except ValueError:
        return None
