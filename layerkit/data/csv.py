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

from layerkit.data.files import MAXIMUM_BYTES, PathLike, opened
from layerkit.errors import DatasetError
from layerkit.types import Array

_LONGEST_LINE = 2**24


@dataclass(frozen=True, slots=True)
class Table:
    """``values``: ``(rows, columns)`` float64, all finite; ``names``: one a column, or ``None`` without a header."""

    values: Array
    names: tuple[str, ...] | None


def read_csv(
    path: PathLike, *, header: bool | None = None, delimiter: str = ",", maximum_bytes: int = MAXIMUM_BYTES
) -> Table:
    """The numbers in a text file (UTF-8), one row a line, read line by line.

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
        for line, cells in _rows(file, path, delimiter):
            if not width:
                width = len(cells)
                if _is_header(cells, header, f"{path}, line {line}"):
                    names = tuple(cell.strip() for cell in cells)
                    continue
            if len(cells) != width:
                raise DatasetError(f"{path}, line {line}: {_cells(len(cells))}, where the first line has {width}")
            if (len(numbers) + width) * 8 > maximum_bytes:
                raise DatasetError(f"{path}, line {line}: the table exceeds {maximum_bytes:,} bytes (maximum_bytes)")
            numbers.extend(_numbers(cells, f"{path}, line {line}"))
    if not numbers:
        raise DatasetError(f"{path}: {'a header, but no rows' if names else 'the file is empty'}")
    return Table(np.frombuffer(numbers).reshape(-1, width), names)


def _rows(file: io.BufferedReader, path: PathLike, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    for line in count(1):
        raw = file.readline(_LONGEST_LINE + 1)
        if not raw:
            return
        if len(raw) > _LONGEST_LINE:
            raise DatasetError(f"{path}, line {line}: longer than {_LONGEST_LINE:,} bytes")
        try:
            cells = _split(raw.decode("utf-8-sig" if line == 1 else "utf-8").rstrip("\r\n"), delimiter)
        except (UnicodeDecodeError, csv.Error) as error:
            told = "not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)
            raise DatasetError(f"{path}, line {line}: {told}") from error
        if cells:
            yield line, cells


def _split(text: str, delimiter: str) -> list[str]:
    if not text.strip():
        return []
    # each line by itself, so that a lost quote cannot swallow the lines after it
    return next(csv.reader([text], delimiter=delimiter, strict=True)) if '"' in text else text.split(delimiter)


def _is_header(cells: list[str], header: bool | None, place: str) -> bool:
    if header is not None:
        return header
    numeric = sum(_is_number(cell) for cell in cells)
    if 0 < numeric < len(cells):
        raise DatasetError(
            f"{place}: {numeric} of {len(cells)} cells are numbers, so it may be a header or a damaged row: "
            "say header=True or header=False"
        )
    return numeric == 0


def _numbers(cells: list[str], place: str) -> list[float]:
    try:
        values = list(map(float, cells))
    except ValueError:
        values = []
    # Python reads 1_000 as a number; in a table it is damage. The sum is not finite if a value is not: one quick test.
    if not values or not math.isfinite(sum(values)) or any("_" in cell for cell in cells):
        for column, cell in enumerate(cells, 1):
            if not _is_number(cell):
                told = f"is {cell[:40]!r}, not a number" if cell.strip() else "is empty"
                raise DatasetError(f"{place}: column {column} {told}")
            if not math.isfinite(float(cell)):
                raise DatasetError(f"{place}: column {column} is {cell.strip()[:40]}, not a finite number")
    return values


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


def _cells(number: int) -> str:
    return "1 cell" if number == 1 else f"{number} cells"
