"""What a report is made of: facts, tables, pictures and text, under headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, final


@final
@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows, and the number that it is sorted by; text is sorted as text."""

    text: str
    number: float | None = None


@final
@dataclass(frozen=True, slots=True)
class Table:
    """A table with a line of titles that sort it; what ``cell`` makes of each value."""

    titles: Sequence[str]
    rows: Sequence[Sequence[Any]]

    @property
    def cells(self) -> list[list[Cell]]:
        """All cells but the titles."""
        return [[cell(value) for value in row] for row in self.rows]

    @property
    def numeric(self) -> list[bool]:
        """Which columns hold numbers alone."""
        return [
            all(each.number is not None or not each.text for each in column) for column in zip(*self.cells, strict=True)
        ]


@final
@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG picture, made by layerkit itself, and what it shows in words."""

    svg: str
    caption: str


@final
@dataclass(frozen=True, slots=True)
class Facts:
    """Names with what they are."""

    rows: Sequence[tuple[str, str]]


@final
@dataclass(frozen=True, slots=True)
class Code:
    """Text as a program reads it."""

    text: str
    caption: str


@final
@dataclass(frozen=True, slots=True)
class Notice:
    """A finding: what is the matter, and what helps."""

    title: str
    text: str


Part: TypeAlias = Table | Picture | Facts | Code | Notice | str


@final
@dataclass(frozen=True, slots=True)
class Section:
    """Parts under a heading."""

    title: str
    parts: list[Part] = field(default_factory=list)


def cell(value: Any) -> Cell:
    """A value as a cell shows it.

    >>> cell(0.25), cell("cat"), cell(None)
    (Cell(text='0.25', number=0.25), Cell(text='cat', number=None), Cell(text='', number=None))
    """
    if isinstance(value, Cell):
        return value
    if value is None:
        return Cell("")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return Cell(str(value))
    if isinstance(value, int):
        return Cell(f"{value:,}", float(value))
    return Cell(f"{value:.4g}", value)


def share(value: float) -> Cell:
    """A share as per cent.

    >>> share(0.9526)
    Cell(text='95.26 %', number=0.9526)
    """
    return Cell(f"{value:.2%}".replace("%", " %"), value)
