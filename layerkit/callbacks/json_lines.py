"""The history as JSON lines."""

from __future__ import annotations

import json
import math
import os
from typing import Any, final

from layerkit.callbacks.log_file import LogFile
from layerkit.interfaces.callback import Callback, FitView


@final
class JsonLines(Callback):
    """Writes each epoch's record as one line of JSON, as soon as it is there.

    The file holds the trainer's whole history: it is begun anew with the epochs that are done already, so a fit that is
    resumed leaves no line twice. Numbers that are not finite become ``null``.

    Args:
        path: the file; what it held is replaced at the end of the first epoch.

    Raises:
        ArgumentError: the file cannot be written; told before the first step.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path
        self._file = LogFile("JsonLines", path)

    def fit_started(self, fit: FitView) -> None:
        self._file.begin([_line(record) for record in fit.trainer.history])

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        self._file.add([_line(record)])

    def fit_ended(self, fit: FitView) -> None:
        self._file.close(complete=fit.outcome != "failed")


def _line(record: dict[str, Any]) -> str:
    return json.dumps(
        {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in record.items()
        }
    )
