"""Tables in ``.csv`` files: columns of numbers, and perhaps a target in words."""

from __future__ import annotations

import gzip
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
    with _unpacked(path) as file:
        return parse_csv(file, str(path), form, target=target, text=text, maximum_bytes=maximum_bytes)


def csv_pieces(path: PathLike, form: CsvFormat = _DEFAULT, *, target: Target | None = None) -> Iterator[Table]:
    """What ``read_csv`` reads, some rows at a time, however many there are; the target is not read.

    Raises:
        DatasetError: as ``read_csv``, when the piece is asked for.
    """
    with _unpacked(path) as file:
        yield from parsed_pieces(file, str(path), form, target=target)


def parsed_pieces(
    file: Readable, place: str, form: CsvFormat = _DEFAULT, *, target: Target | None = None
) -> Iterator[Table]:
    """What ``csv_pieces`` gives, of an open file."""
    columns: Columns | None = None
    rows = 0
    for columns, block in _parsed(file, place, form, target, "ignored"):
        rows += len(block)
        if block:
            yield Table(columns.parsed(block), columns.names, columns.target)
    if not rows:
        raise DatasetError(_empty(place, columns))


@contextmanager
def _unpacked(path: PathLike) -> Iterator[Readable]:
    with opened(path) as file:
        if file.peek(2)[:2] != b"\x1f\x8b":
            yield file
            return
        with gzip.GzipFile(fileobj=file, mode="rb") as unpacked:
            yield unpacked


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
    columns: Columns | None = None
    numbers = array("d")
    for columns, block in _parsed(file, place, form, target, text):
        if (len(numbers) + len(block) * columns.width) * 8 > maximum_bytes:
            raise DatasetError(f"{block[-1].place}: the table exceeds {maximum_bytes:,} bytes (maximum_bytes)")
        if block:
            numbers.frombytes(columns.parsed(block).tobytes())
    if columns is None or not numbers:
        raise DatasetError(_empty(place, columns))
    values = np.frombuffer(numbers).reshape(-1, columns.width)
    return Table(values, columns.names, columns.target, columns.sorted_classes(values))


def _parsed(
    file: Readable, place: str, form: CsvFormat, target: Target | None, text: Text
) -> Iterator[tuple[Columns, list[Line]]]:
    """The columns, known after the first lines, and lines of cells, some at a time."""
    columns: Columns | None = None
    for block in _blocks(text_lines(file, place, encoding=form.encoding)):
        if columns is None:
            names = header_names(block.pop(0), form) if has_header(block, form) else None
            columns = Columns(place, form, len(names or form.cells(block[0])), names)
            if callable(target):
                target = target(names, columns.width)
            if target is not None:
                columns.choose(target, text, block[:1])
        yield columns, block


def _empty(place: str, columns: Columns | None) -> str:
    return f"{place}: {'the file is empty' if columns is None else 'a header, but no rows'}"


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
