"""The history as a table."""

from __future__ import annotations

import csv
import io
import os
from typing import TYPE_CHECKING, Any, final

from layerkit.callbacks.history_log import HistoryLog

if TYPE_CHECKING:
    from collections.abc import Sequence


@final
class CsvLog(HistoryLog):
    """Writes each epoch's record as one line of a CSV table, as soon as it is there; the first line names the columns.

    The file holds the trainer's whole history: it is begun anew with the epochs that are done already, so a fit that is
    resumed leaves no line twice. A measure that an epoch lacks leaves its cell empty.

    Args:
        path: the file; the log that it held is replaced.

    Raises:
        ArgumentError: the file cannot be written, holds anything but such a log, or another log writes it; told before
            the first step.
    """

    first_bytes = b"epoch,"

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__(path)
        self._columns: list[str] = []

    def whole(self, records: Sequence[dict[str, Any]]) -> list[str]:
        self._columns = list(dict.fromkeys(name for record in records for name in record))
        return [_line(self._columns), *map(self._row, records)] if records else []

    def line(self, record: dict[str, Any]) -> str | None:
        return self._row(record) if record.keys() <= set(self._columns) else None

    def _row(self, record: dict[str, Any]) -> str:
        return _line([record.get(column, "") for column in self._columns])


def _line(cells: Sequence[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()
