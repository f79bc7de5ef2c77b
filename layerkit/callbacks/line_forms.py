"""Records as lines of text: a table, or JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, final


class LineForm(ABC):
    """How records, each of which begins with its epoch, become the lines of a file."""

    first_bytes: ClassVar[bytes]
    """What every such file begins with: nothing else is replaced by one."""

    @abstractmethod
    def whole(self, records: Sequence[dict[str, Any]]) -> list[str]:
        """The lines of a file of these records."""

    @abstractmethod
    def line(self, record: dict[str, Any]) -> str | None:
        """One record more; None if it does not fit behind what ``whole`` gave last."""


@final
class CsvLines(LineForm):
    """A table whose first line names the columns; a measure that a record lacks leaves its cell empty."""

    first_bytes = b"epoch,"

    def __init__(self) -> None:
        self._columns: list[str] = []

    def whole(self, records: Sequence[dict[str, Any]]) -> list[str]:
        self._columns = list(dict.fromkeys(name for record in records for name in record))
        return [_joined(self._columns), *map(self._row, records)] if records else []

    def line(self, record: dict[str, Any]) -> str | None:
        return self._row(record) if record.keys() <= set(self._columns) else None

    def _row(self, record: dict[str, Any]) -> str:
        return _joined([record.get(column, "") for column in self._columns])


@final
class LinesOfJson(LineForm):
    """A line of JSON a record; numbers that are not finite become ``null``."""

    first_bytes = b'{"epoch":'

    def whole(self, records: Sequence[dict[str, Any]]) -> list[str]:
        return list(map(self.line, records))

    def line(self, record: dict[str, Any]) -> str:
        return json.dumps(
            {
                name: None if isinstance(value, float) and not math.isfinite(value) else value
                for name, value in record.items()
            }
        )


def _joined(cells: Sequence[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()
