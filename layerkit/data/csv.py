"""Tables in ``.csv`` files: columns of numbers, and perhaps a target in words."""

from __future__ import annotations

import gzip
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np

from layerkit.data.csv_columns import Columns, Text
from layerkit.data.csv_format import CsvFormat
from layerkit.data.csv_header import has_header, header_names
from layerkit.data.data_file import MAXIMUM_BYTES, PathLike, opened
from layerkit.data.text_lines import Line, Readable, text_lines
from layerkit.errors import DatasetError
from layerkit.types import Array

Target: TypeAlias = str | int | Callable[[tuple[str, ...] | None, int], int | None]

_BLOCK = 2**20
_DEFAULT = CsvFormat()


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


def read_csv(
    path: PathLike,
    form: CsvFormat = _DEFAULT,
    *,
    target: Target | None = None,
    text: Text = False,
    maximum_bytes: int = MAXIMUM_BYTES,
) -> Table:
    """The table in a text file, gzipped or not (its first bytes tell), one row a line, read piece by piece.

    ``target``: the name or the place of a column in which ``text`` is allowed, or what finds its place (None: there is
    none) from the names, or None, and the number of columns: where ``text`` is True, all of it is taken as text, where
    it is None, its first cell tells, and where it is ``"ignored"``, it may hold anything, and is not read.
    Blank lines are passed over. ``maximum_bytes`` limits the table in memory, 8 bytes a cell.

    Raises:
        DatasetError: the file cannot be read, is empty or too large, its rows differ in length, a cell is not a finite
            number, or there is no such target; the message names the line and the column.
    """
    parse = partial(parse_csv, target=target, text=text, maximum_bytes=maximum_bytes)
    with opened(path) as file:
        if file.peek(2)[:2] != b"\x1f\x8b":
            return parse(file, str(path), form)
        with gzip.GzipFile(fileobj=file, mode="rb") as unpacked:
            return parse(unpacked, str(path), form)


def parse_csv(
    file: Readable,
    place: str,
    form: CsvFormat = _DEFAULT,
    *,
    target: Target | None = None,
    text: Text = False,
    maximum_bytes: int = MAXIMUM_BYTES,
) -> Table:
    """What ``read_csv`` does, of an open file; ``place`` names it in errors."""
    names: tuple[str, ...] | None = None
    columns: Columns | None = None
    numbers = array("d")
    for block in _blocks(text_lines(file, place, encoding=form.encoding)):
        if columns is None:
            if has_header(block, form):
                names = header_names(block.pop(0), form)
            columns = Columns(place, form, len(names or form.cells(block[0])), names)
            if callable(target):
                target = target(names, columns.width)
            if target is not None:
                columns.choose(target, text, block[:1])
        if (len(numbers) + len(block) * columns.width) * 8 > maximum_bytes:
            raise DatasetError(f"{block[-1].place}: the table exceeds {maximum_bytes:,} bytes (maximum_bytes)")
        if block:
            numbers.frombytes(columns.parsed(block).tobytes())
    if columns is None or not numbers:
        raise DatasetError(f"{place}: {'a header, but no rows' if names else 'the file is empty'}")
    values = np.frombuffer(numbers).reshape(-1, columns.width)
    return Table(values, names, columns.target, columns.sorted_classes(values))


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
