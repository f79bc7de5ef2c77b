"""Tables in ``.csv`` files: columns of numbers, and perhaps a target in words."""

from __future__ import annotations

import gzip
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias, final

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
    reader = _Reader(file, place, form, target, text)
    numbers = array("d")
    for values in reader.pieces(lambda cells: (len(numbers) + cells) * 8 > maximum_bytes, maximum_bytes):
        numbers.frombytes(values.tobytes())
    values = np.frombuffer(numbers).reshape(-1, reader.columns.width)
    return Table(values, reader.names, reader.columns.target, reader.columns.sorted_classes(values))


def csv_pieces(
    path: PathLike, form: CsvFormat = _DEFAULT, *, target: Target | None = None, text: Text = False
) -> Iterator[Table]:
    """The table of ``read_csv`` piece by piece, each with some of its rows, however many there are; no ``classes``.

    Raises:
        DatasetError: as ``read_csv``, when the piece with what is wrong is asked for.
    """
    with opened(path) as file:
        if file.peek(2)[:2] != b"\x1f\x8b":
            yield from table_pieces(file, str(path), form, target=target, text=text)
            return
        with gzip.GzipFile(fileobj=file, mode="rb") as unpacked:
            yield from table_pieces(unpacked, str(path), form, target=target, text=text)


def table_pieces(
    file: Readable, place: str, form: CsvFormat = _DEFAULT, *, target: Target | None = None, text: Text = False
) -> Iterator[Table]:
    """What ``csv_pieces`` does, of an open file; ``place`` names it in errors."""
    reader = _Reader(file, place, form, target, text)
    for values in reader.pieces():
        yield Table(values, reader.names, reader.columns.target)


@final
class _Reader:
    """Rows as they come; names and columns are known from the first piece on."""

    columns: Columns

    def __init__(self, file: Readable, place: str, form: CsvFormat, target: Target | None, text: Text) -> None:
        self.names: tuple[str, ...] | None = None
        self._file = file
        self._place = place
        self._form = form
        self._target = target
        self._text: Text = text

    def pieces(self, too_many: Callable[[int], bool] | None = None, limit: int = 0) -> Iterator[Array]:
        """Arrays ``(rows, columns)``; ``too_many`` says whether so many cells more are over the ``limit``."""
        started = empty = True
        for block in _blocks(text_lines(self._file, self._place, encoding=self._form.encoding)):
            if started:
                self._begin(block)
                started = False
            if too_many is not None and too_many(len(block) * self.columns.width):
                raise DatasetError(f"{block[-1].place}: the table exceeds {limit:,} bytes (maximum_bytes)")
            if block:
                empty = False
                yield self.columns.parsed(block)
        if empty:
            raise DatasetError(f"{self._place}: {'a header, but no rows' if self.names else 'the file is empty'}")

    def _begin(self, block: list[Line]) -> None:
        if has_header(block, self._form):
            self.names = header_names(block.pop(0), self._form)
        width = len(self.names or self._form.cells(block[0]))
        self.columns = Columns(self._place, self._form, width, self.names)
        target = self._target(self.names, width) if callable(self._target) else self._target
        if target is not None:
            self.columns.choose(target, self._text, block[:1])


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
