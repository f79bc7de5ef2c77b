"""What the callbacks that write the history line by line have in common."""

from __future__ import annotations

import os
from typing import Any

from layerkit.callbacks.line_forms import LineForm
from layerkit.callbacks.line_writer import LineWriter
from layerkit.interfaces.callback import Callback, FitView


class HistoryLog(Callback):
    """Writes each epoch's record as one line, as soon as it is there.

    The file holds the trainer's whole history: it is begun anew with the epochs that are done already, so a fit that is
    resumed leaves no line twice.
    """

    def __init__(self, path: str | os.PathLike[str], form: LineForm) -> None:
        self.path = path
        self.writer = LineWriter(type(self).__name__, path, form)

    def fit_started(self, fit: FitView) -> None:
        self.writer.open(fit.callbacks)

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        self.writer.add(fit.trainer.history.records)

    def fit_ended(self, fit: FitView) -> None:
        self.writer.close(fit.trainer.history.records, failed=fit.outcome == "failed")
