"""Writes the part of a program that reads a batch of the data."""

from __future__ import annotations

from typing import final

from layerkit_numba import rows
from layerkit_numba.interface import Elementwise
from layerkit_numba.mathematics import like
from layerkit_numba.occurrences import Front
from layerkit_numba.passes import names_in
from layerkit_numba.source import Source
from layerkit_numba.writer import Value, Writer

_ABREAST = (5, 4)
"""So many rows are read at once, for what is marked of each column is read and written each time."""


@final
class Reading:
    """Copies the rows of a batch, number by number through the elementwise layers at the front.

    If the kernel behind them wants that, ``columns`` then names the groups of neighbouring columns that are not all
    zero in this batch, and ``active`` is their number; and ``lines``, if it asks for them, the places of the next
    batch.
    """

    def __init__(self, writer: Writer, source: Source, front: Front) -> None:
        self._writer = writer
        self._front = [stage.kernel for stage in front.stages if isinstance(stage.kernel, Elementwise)]
        # in the text, not given while the program runs: no loop is hotter than the one over the data
        self._constants = ["".join(f", {constant!r}" for constant in kernel.constants) for kernel in self._front]
        lead = front.lead
        wanted = set() if lead is None else names_in((*lead.forward, *lead.parameter_gradients, *lead.descend))
        self._values = source.x[0].shape[1]
        self._integers = source.x[0].dtype.kind in "iub"
        self._lines_per_row = source.lines_per_row
        self._together = 1 if lead is None else lead.together
        self._sparse = "active" in wanted
        self._asks = "lines" in wanted

    def write(self, inputs: tuple[Value, ...], batch_size: int) -> None:
        """The lines of the program, which fill ``inputs``."""
        w = self._writer
        first = f"batch * {batch_size}"
        if len(inputs) > 1 or inputs[0].dtype:
            for number, value in enumerate(inputs):
                source = "source" if number == 0 else f"source{number}"
                w.line(f"{w.function(rows.gather)}({source}, order, {first}, {w.view(value, 'table')})")
            w.line("active = 0")
            return
        target = w.view(inputs[0], "table")
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
        for kernel, constants in zip(self._front, self._constants, strict=True):
            text = f"{w.function(kernel.forward)}({text}{constants})"
        return text
