"""The history as a table."""

from __future__ import annotations

import csv
import io
import os
from typing import TYPE_CHECKING, Any, final

from layerkit.callbacks.log_file import LogFile
from layerkit.interfaces.callback import Callback, FitView

if TYPE_CHECKING:
    from collections.abc import Sequence


@final
class CsvLog(Callback):
    """Writes each epoch's record as one line of a CSV table, as soon as it is there; the first line names the columns.

    The file holds the trainer's whole history: it is begun anew with the epochs that are done already, so a fit that is
    resumed leaves no line twice. A measure that an epoch lacks leaves its cell empty.

    Args:
        path: the file; what it held is replaced at the end of the first epoch.

    Raises:
        ArgumentError: the file cannot be written; told before the first step.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path
        self._file = LogFile("CsvLog", path)
        self._columns: list[str] = []

    def fit_started(self, fit: FitView) -> None:
        self._begin(fit)

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        if record.keys() <= set(self._columns):
            self._file.add([_line([record.get(column, "") for column in self._columns])])
        else:
            self._begin(fit)
            self._file.add([])

    def fit_ended(self, fit: FitView) -> None:
        self._file.close(complete=fit.outcome != "failed")

    def _begin(self, fit: FitView) -> None:
        records = fit.trainer.history.records
        self._columns = list(dict.fromkeys(name for record in records for name in record))
        rows = [[record.get(column, "") for column in self._columns] for record in records]
        self._file.begin([_line(row) for row in ([self._columns, *rows] if records else [])])


def _line(cells: Sequence[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()
