"""Writes the part of a program that reads a batch of the data."""

from __future__ import annotations

from typing import final

from layerkit.types import Array
from layerkit_numba import rows
from layerkit_numba.interface import Elementwise, Fixed
from layerkit_numba.mathematics import like, natural
from layerkit_numba.naming import names_in
from layerkit_numba.occurrences import Front, Kind
from layerkit_numba.operands import Count, Register, Value, Whole
from layerkit_numba.writer import GRAIN, Writer, loop, piece_of

_COLUMNS = "for column in range(natural(begin), natural(end)):"

_ABREAST = 5
"""So many rows are looked at at once, for what is marked of each column is read and written each time."""


@final
class Reading:
    """Copies the rows of a batch, number by number through the elementwise layers at the front.

    If the kernel behind them wants that, ``columns`` then names the groups of neighbouring columns that are not all
    zero in this batch, and ``active`` is their number; and ``lines``, if it asks for them, the places of the next
    batch: of each row so many, none where nothing follows a batch.
    """

    def __init__(self, writer: Writer, first: Array, front: Front, *, lines_per_row: int = 0) -> None:
        self._writer = writer
        self._takes_integers = front.takes_integers
        self._front = [stage.kernel for stage in front.stages if isinstance(stage.kernel, Elementwise)]
        # in the text, not given while the program runs: no loop is hotter than the one over the data
        self._constants = ["".join(f", {constant!r}" for constant in kernel.constants) for kernel in self._front]
        lead = front.lead
        wanted = set() if lead is None else names_in((*lead.forward, *lead.parameter_gradients, *lead.descend))
        self._integers = first.dtype.kind in "iub"
        self._lines_per_row = lines_per_row
        self._together = 1 if lead is None else lead.together
        self._sparse = "active" in wanted
        self._asks = "lines" in wanted and lines_per_row > 0

    def write(self, kinds: tuple[Kind, ...], batch_size: int) -> tuple[Value, ...]:
        """The inputs of a batch, and the instructions that fill them."""
        w = self._writer
        # a single input goes through what is elementwise on its way, as floating numbers
        whole = len(kinds) > 1 or self._takes_integers
        inputs = tuple(
            w.allocate(f"x{number or ''}", kind.shape, dtype="int64" if kind.integer and whole else "")
            for number, kind in enumerate(kinds)
        )
        self._fill(inputs, batch_size)
        return inputs

    def _fill(self, inputs: tuple[Value, ...], batch_size: int) -> None:
        w = self._writer
        rows_of = Whole("order"), Register("first")
        if len(inputs) > 1 or inputs[0].dtype:
            for number, value in enumerate(inputs):
                source = Whole(f"source{number}" if number else "source")
                w.add(rows.gather, source, *rows_of, value.view("table"))
            return
        calls = {f"function{place}": kernel.forward for place, kernel in enumerate(self._front)}
        function = loop(self._text(), like=like, natural=natural, **calls)
        marks = (Whole("marks"),) if self._sparse else ()
        # every thread looks at all rows: what is marked of a column is known to one
        piece = piece_of(Count(inputs[0].size), GRAIN)
        w.add(function, Whole("source"), *rows_of, inputs[0].view("table"), *piece, *marks)
        if self._sparse:
            w.add(rows.list_active, *marks, Whole("columns"), Fixed(self._together), Whole("integers"))
        if self._asks:
            piece = piece_of(Count(batch_size), 1)
            numbers = Count(batch_size), Whole("lines"), Count(self._lines_per_row), *piece
            w.add(rows.find_lines, Whole("source"), *rows_of, *numbers)

    def _text(self) -> str:
        """The loop over the rows of a batch."""
        copied = [
            "place = order[first + number]",
            _COLUMNS,
            f"    target[number, column] = {self._value('place')}",
        ]
        if not self._sparse:
            lines = ["for number in range(target.shape[0]):", *_indented(copied)]
            return "\n".join(["def run(source, order, first, target, begin, end):", *_indented(lines)])
        # in what is left of a batch, the last row is looked at more than once
        names = [f"row{number}" for number in range(_ABREAST)]
        found = [f"{name} = order[first + min(row + {number}, last)]" for number, name in enumerate(names)]
        # integers are looked at bit by bit; of floating numbers NaN counts too, for it differs from 0
        sign, form = ("|", "{}") if self._integers else ("+", "abs({})")
        seen = f" {sign} ".join(form.format(f"source[{name}, column]") for name in names)
        block = [
            *found,
            _COLUMNS,
            f"    marks[column] {sign}= {seen}",
            f"for number in range(row, min(row + {_ABREAST}, target.shape[0])):",
            *_indented(copied),
        ]
        lines = [
            _COLUMNS,
            "    marks[column] = 0",
            "last = target.shape[0] - 1",
            f"for row in range(0, target.shape[0], {_ABREAST}):",
            *_indented(block),
        ]
        return "\n".join(["def run(source, order, first, target, begin, end, marks):", *_indented(lines)])

    def _value(self, name: str) -> str:
        text = f"like(source[{name}, column], target[0, 0])"
        for place, constants in enumerate(self._constants):
            text = f"function{place}({text}{constants})"
        return text


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]
