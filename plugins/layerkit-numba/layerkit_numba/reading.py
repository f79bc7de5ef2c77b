"""Writes the part of a program that reads a batch of the data."""

from __future__ import annotations

from typing import final

from layerkit_numba import rows
from layerkit_numba.interface import Elementwise
from layerkit_numba.mathematics import like
from layerkit_numba.occurrences import Front
from layerkit_numba.operands import Count, Register, Value, Whole
from layerkit_numba.passes import names_in
from layerkit_numba.source import Source
from layerkit_numba.writer import Writer, loop

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
        self._integers = source.x[0].dtype.kind in "iub"
        self._lines_per_row = source.lines_per_row
        self._together = 1 if lead is None else lead.together
        self._sparse = "active" in wanted
        self._asks = "lines" in wanted

    def write(self, inputs: tuple[Value, ...], batch_size: int) -> None:
        """The instructions, which fill ``inputs``."""
        w = self._writer
        rows_of = Whole("order"), Register("first")
        if len(inputs) > 1 or inputs[0].dtype:
            for number, value in enumerate(inputs):
                source = Whole(f"source{number}" if number else "source")
                w.add(rows.gather, source, *rows_of, value.view("table"))
            return
        calls = {f"function{place}": kernel.forward for place, kernel in enumerate(self._front)}
        function = loop(self._text(batch_size), like=like, **calls)
        marks = (Whole("marks"),) if self._sparse else ()
        w.add(function, Whole("source"), *rows_of, inputs[0].view("table"), *marks)
        if self._sparse:
            w.add(rows.list_active, *marks, Whole("columns"), Count(self._together), Whole("integers"))
        if self._asks:
            numbers = Count(batch_size), Whole("lines"), Count(self._lines_per_row)
            w.add(rows.find_lines, Whole("source"), *rows_of, *numbers)

    def _text(self, batch_size: int) -> str:
        """The loop over the rows of a batch."""
        abreast = next((number for number in _ABREAST if batch_size % number == 0), _ABREAST[-1])
        lines = [f"def run(source, order, first, target{', marks' if self._sparse else ''}):"]
        if self._sparse:
            lines.append("    marks[:] = 0")
        lines += [f"    whole = target.shape[0] // {abreast} * {abreast}", "    width = source.shape[1]"]
        for rows_read, bounds in ((abreast, f"0, whole, {abreast}"), (1, "whole, target.shape[0]")):
            lines.append(f"    for row in range({bounds}):")
            names = [f"row{number}" for number in range(rows_read)]
            lines += [f"        {name} = order[first + row + {number}]" for number, name in enumerate(names)]
            lines += self._mark(names)
            for number, name in enumerate(names):
                lines.append("        for column in range(width):")
                lines.append(f"            target[row + {number}, column] = {self._value(name)}")
        return "\n".join(lines)

    def _mark(self, names: list[str]) -> list[str]:
        if not self._sparse:
            return []
        # integers are looked at bit by bit; of floating numbers NaN counts too, for it differs from 0
        sign, form = ("|", "{}") if self._integers else ("+", "abs({})")
        seen = f" {sign} ".join(form.format(f"source[{name}, column]") for name in names)
        return ["        for column in range(width):", f"            marks[column] {sign}= {seen}"]

    def _value(self, name: str) -> str:
        text = f"like(source[{name}, column], target[0, 0])"
        for place, constants in enumerate(self._constants):
            text = f"function{place}({text}{constants})"
        return text
