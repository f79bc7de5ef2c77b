"""Writes the part of a program that reads a batch of the data."""

from __future__ import annotations

from typing import final

from layerkit_numba import rows
from layerkit_numba.chain import Stage
from layerkit_numba.interface import Elementwise
from layerkit_numba.mathematics import like
from layerkit_numba.source import Source
from layerkit_numba.writer import Value, Writer

_ABREAST = (5, 4)
"""So many rows are read at once, for what is marked of each column is read and written each time."""


@final
class Reading:
    """Copies the rows of a batch, number by number through the elementwise layers at the front.

    If that is wanted, ``columns`` then names the groups of ``together`` neighbouring columns that are not all zero in
    this batch, and ``active`` is their number; and ``lines``, if a kernel asks for them, the places of the next batch.
    """

    def __init__(
        self, writer: Writer, source: Source, front: list[Stage], together: int, *, sparse: bool, asks: bool
    ) -> None:
        self._writer = writer
        self._front = [stage.kernel for stage in front if isinstance(stage.kernel, Elementwise)]
        self._values = source.x.shape[1]
        self._integers = source.x.dtype.kind in "iub"
        self._lines_per_row = source.lines_per_row
        self._together = together
        self._sparse = sparse
        self._asks = asks

    def write(self, x: Value, batch_size: int) -> None:
        """The lines of the program, which fill ``x``."""
        w = self._writer
        target = w.view(x, "table")
        first = f"batch * {batch_size}"
        if self._sparse:
            w.line("marks[:] = 0")
        abreast = next((number for number in _ABREAST if batch_size % number == 0), _ABREAST[-1])
        whole = f"n // {abreast} * {abreast}"
        for rows_read, bounds in ((abreast, f"0, {whole}, {abreast}"), (1, f"{whole}, n")):
            w.line(f"for row in range({bounds}):")
            w.indent()
            for number in range(rows_read):
                w.line(f"row{number} = order[{first} + row + {number}]")
            self._mark([f"row{number}" for number in range(rows_read)])
            for number in range(rows_read):
                w.line(f"for column in range({self._values}):")
                w.line(f"    {target}[row + {number}, column] = {self._value(f'row{number}')}")
            w.indent(-1)
        list_active = w.function(rows.list_active)
        w.line(f"active = {list_active}(marks, columns, {self._together})" if self._sparse else "active = 0")
        if self._asks:
            find_lines = w.function(rows.find_lines)
            w.line(f"{find_lines}(source, order, {first} + {batch_size}, lines, {self._lines_per_row})")

    def _mark(self, names: list[str]) -> None:
        if not self._sparse:
            return
        # integers are looked at bit by bit; of floating numbers NaN counts too, for it differs from 0
        sign, form = ("|", "{}") if self._integers else ("+", "abs({})")
        seen = f" {sign} ".join(form.format(f"source[{name}, column]") for name in names)
        self._writer.line(f"for column in range({self._values}):")
        self._writer.line(f"    marks[column] {sign}= {seen}")

    def _value(self, name: str) -> str:
        w = self._writer
        text = f"{w.function(like)}(source[{name}, column], memory[0])"
        for kernel in self._front:
            constants = "".join(f", {constant!r}" for constant in kernel.constants)
            text = f"{w.function(kernel.forward)}({text}{constants})"
        return text
