"""Tables of numbers in ``.csv`` files."""

from __future__ import annotations

import csv
import io
import math
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np

from layerkit.data.data_file import MAXIMUM_BYTES, PathLike, opened
from layerkit.errors import DatasetError
from layerkit.types import Array

_LONGEST_LINE = 2**24
_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class Table:
    """``values``: ``(rows, columns)`` float64, all finite; ``names``: one a column, or ``None`` without a header."""

    values: Array
    names: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    place: str


def read_csv(
    path: PathLike, *, header: bool | None = None, delimiter: str = ",", maximum_bytes: int = MAXIMUM_BYTES
) -> Table:
    """The numbers in a text file (UTF-8), one row a line, read piece by piece.

    ``header``: whether the first line holds the columns' names; ``None``: it does where none of its cells is a number.
    Blank lines are passed over. ``maximum_bytes`` limits the table in memory, 8 bytes a cell.

    Raises:
        DatasetError: the file cannot be read, is empty or too large, its rows differ in length, or a cell is not a
            finite number; the message names the line and the column.
    """
    names: tuple[str, ...] | None = None
    width = 0
    numbers = array("d")
    with opened(path) as file:
        for block in _blocks(_lines(file, path)):
            if not width:
                first = _split(block[0], delimiter)
                width = len(first)
                if _is_header(first, header, block[0].place):
                    names = tuple(cell.strip() for cell in first)
                    del block[0]
            if (len(numbers) + len(block) * width) * 8 > maximum_bytes:
                raise DatasetError(f"{block[-1].place}: the table exceeds {maximum_bytes:,} bytes (maximum_bytes)")
            if block:
                numbers.frombytes(_parsed(block, delimiter, width).tobytes())
    if not numbers:
        raise DatasetError(f"{path}: {'a header, but no rows' if names else 'the file is empty'}")
    return Table(np.frombuffer(numbers).reshape(-1, width), names)


def _lines(file: io.BufferedReader, path: PathLike) -> Iterator[_Line]:
    for number in count(1):
        place = f"{path}, line {number}"
        raw = file.readline(_LONGEST_LINE + 1)
        if not raw:
            return
        if len(raw) > _LONGEST_LINE:
            raise DatasetError(f"{place}: longer than {_LONGEST_LINE:,} bytes")
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise DatasetError(f"{place}: not UTF-8 text") from None
        if text.strip():
            yield _Line(text, place)


def _blocks(lines: Iterator[_Line]) -> Iterator[list[_Line]]:
    block: list[_Line] = []
    size = 0
    for line in lines:
        block.append(line)
        size += len(line.text)
        if size >= _BLOCK:
            yield block
            block, size = [], 0
    if block:
        yield block


def _parsed(block: list[_Line], delimiter: str, width: int) -> Array:
    # NumPy's reader takes a sixth of the time, but cannot say which line and cell it stumbles over.
    try:
        values = np.loadtxt([line.text for line in block], delimiter=delimiter, comments=None, ndmin=2)
    except ValueError:
        values = np.empty((0, 0))
    if values.shape == (len(block), width) and np.isfinite(values).all():
        return values
    return np.array([_numbers(_split(line, delimiter), width, line.place) for line in block])


def _split(line: _Line, delimiter: str) -> list[str]:
    if '"' not in line.text:
        return line.text.split(delimiter)
    try:
        # each line by itself, so that a lost quote cannot swallow the lines after it
        return next(csv.reader([line.text], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise DatasetError(f"{line.place}: {error}") from error


def _is_header(cells: list[str], header: bool | None, place: str) -> bool:
    if header is not None:
        return header
    numeric = sum(_number(cell) is not None for cell in cells)
    if 0 < numeric < len(cells):
        raise DatasetError(
            f"{place}: {numeric} of {len(cells)} cells are numbers, so it may be a header or a damaged row: "
            "say header=True or header=False"
        )
    return numeric == 0


def _numbers(cells: list[str], width: int, place: str) -> list[float]:
    if len(cells) != width:
        raise DatasetError(f"{place}: {len(cells)} cells, where the first line has {width}")
    values = []
    for column, cell in enumerate(cells, 1):
        value = _number(cell)
        if value is None:
            told = f"is {cell[:40]!r}, not a number" if cell.strip() else "is empty"
            raise DatasetError(f"{place}: column {column} {told}")
        if not math.isfinite(value):
            raise DatasetError(f"{place}: column {column} is {cell.strip()[:40]}, not a finite number")
        values.append(value)
    return values


def _number(cell: str) -> float | None:
    try:
        # Python reads 1_000 as a number; in a table it is damage
        return None if "_" in cell else float(cell)
    except ValueError:
        return None
