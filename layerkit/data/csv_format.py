"""How a ``.csv`` file is written, and so what its cells are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from layerkit.data.text_lines import Line
from layerkit.errors import DatasetError


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvFormat:
    """How a table is written.

    ``header``: whether the first line holds names; ``None``: that is told from the lines (an error where they do not).
    """

    header: bool | None = None
    delimiter: str = ","
    decimal: str = "."
    encoding: str = "utf-8"

    def cells(self, line: Line) -> list[str]:
        """The cells of a line, without the quotes that they may stand in, alone or among spaces.

        Raises:
            DatasetError: a quote is not closed, or something follows it.
        """
        text = line.text
        if '"' not in text:
            return text.split(self.delimiter)
        # each line by itself, so that a lost quote cannot swallow the lines after it
        cells, start = list[str](), 0
        pattern = _quoted_cell(self.delimiter)
        while True:
            match = pattern.match(text, start)
            if match is None:
                raise DatasetError(
                    f"{line.place}: cell {len(cells) + 1} begins with a quote that is not closed at the end of the cell"
                )
            cells.append(match[2] if match[1] is None else match[1].replace('""', '"'))
            if match.end() == len(text):
                return cells
            start = match.end() + 1

    def number(self, cell: str) -> float | None:
        """The number that a cell holds, perhaps NaN or infinite; ``None`` where it holds none."""
        if self.decimal != ".":
            if "." in cell:
                return None
            cell = cell.replace(self.decimal, ".")
        try:
            # Python reads 1_000 as a number; in a table it is damage
            return None if "_" in cell else float(cell)
        except ValueError:
            return None

    def is_number(self, cell: str) -> bool:
        """Whether a cell holds a number."""
        return self.number(cell) is not None


@cache
def _quoted_cell(delimiter: str) -> re.Pattern[str]:
    mark = re.escape(delimiter)
    space = rf"[^\S{mark}]*"
    return re.compile(rf'{space}"((?:[^"]|"")*+)"{space}(?={mark}|\Z)|(?!{space}")([^{mark}]*)')
