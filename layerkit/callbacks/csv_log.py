"""The history as a table."""

from __future__ import annotations

import os
from typing import final

from layerkit.callbacks.history_log import HistoryLog
from layerkit.callbacks.line_forms import CsvLines


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

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__(path, CsvLines())
