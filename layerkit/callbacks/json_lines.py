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
        path: the file; what it held is replaced.

    Raises:
        ArgumentError: the file cannot be written; told before the first step.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path
        self._file = LogFile("JsonLines", path)
        self._begun = False

    def fit_started(self, fit: FitView) -> None:
        # a fit that is refused has lost nothing: the first line that it writes replaces what is there
        self._begun = False
        self._file.open()

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        if self._begun:
            self._file.add([_line(record)])
        else:
            self._begin(fit)

    def fit_ended(self, fit: FitView) -> None:
        if not self._begun and fit.outcome != "failed":
            self._begin(fit)
        self._file.close()

    def _begin(self, fit: FitView) -> None:
        self._file.begin([_line(record) for record in fit.trainer.history])
        self._begun = True


def _line(record: dict[str, Any]) -> str:
    return json.dumps(
        {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in record.items()
        }
    )
