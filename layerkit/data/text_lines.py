"""The lines of a text file, read piece by piece."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from layerkit.data.data_file import CHUNK
from layerkit.data.file_kind import seems_to_be
from layerkit.errors import DatasetError

_LONGEST_LINE = 2**24


class Readable(Protocol):
    """Bytes that can be read, in pieces."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end, and where it stands: file and number, for errors."""

    text: str
    place: str


def text_lines(file: Readable, place: str, *, encoding: str = "utf-8") -> Iterator[Line]:
    """The lines that are not blank; each may end with a line feed, a carriage return, or both.

    A byte order mark at the beginning is no part of the text.

    Raises:
        DatasetError: a line is too long, or is no text in this encoding; file and line are named.
    """
    number = 1
    held: list[str] = []
    size = 0
    for piece in _pieces(file, encoding):
        if isinstance(piece, _Undecodable):
            raise DatasetError(f"{place}, line {number}: {piece.reason}")
        first, *lines = piece.split("\n")
        held.append(first)
        size += len(first)
        for line in lines:
            yield from _line("".join(held), place, number)
            held, size = [line], len(line)
            number += 1
        if size > _LONGEST_LINE:
            raise DatasetError(f"{place}, line {number}: longer than {_LONGEST_LINE:,} characters")
    yield from _line("".join(held), place, number)


def _line(text: str, place: str, number: int) -> Iterator[Line]:
    if text.strip():
        yield Line(text, f"{place}, line {number}")


@dataclass(frozen=True, slots=True)
class _Undecodable:
    reason: str


def _pieces(file: Readable, encoding: str) -> Iterator[str | _Undecodable]:
    """Text whose lines end with line feeds; what cannot be decoded comes after all the text before it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = io.IncrementalNewlineDecoder(decoder, translate=True)
    beginning = b""
    start = True
    while True:
        data = file.read(CHUNK)
        beginning = beginning or data[:16]
        state = decoder.getstate()
        try:
            text = lines.decode(data, final=not data)
        except UnicodeError as error:
            yield _sound_part(decoder, state, data, error).replace("\r\n", "\n").replace("\r", "\n")
            yield _Undecodable(_told(encoding, beginning))
            return
        if start and text:
            text, start = text.removeprefix("\N{BYTE ORDER MARK}"), False
        yield text
        if not data:
            return


def _sound_part(decoder: codecs.IncrementalDecoder, state: tuple[bytes, int], data: bytes, error: UnicodeError) -> str:
    # what was held back from the piece before stands in front of the bytes that the error counts
    wrong = error.start - len(state[0]) if isinstance(error, UnicodeDecodeError) else 0
    decoder.setstate(state)
    try:
        return decoder.decode(data[: max(wrong, 0)])
    except UnicodeError:
        return ""


def _told(encoding: str, beginning: bytes) -> str:
    if codecs.lookup(encoding).name != "utf-8":
        return f"not text in the encoding {encoding!r}"
    return f"not UTF-8 text{seems_to_be(beginning)}"
