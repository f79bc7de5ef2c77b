"""What the callbacks that keep records of their own have in common."""

from __future__ import annotations

import os
from abc import abstractmethod
from typing import Any

from layerkit.arguments import check_instance, check_integer, check_path, check_table
from layerkit.callbacks.line_forms import CsvLines, LineForm, LinesOfJson
from layerkit.callbacks.line_writer import LineWriter
from layerkit.errors import ArgumentError
from layerkit.interfaces.callback import Callback, FitView

_FORMS: dict[str, type[LineForm]] = {".csv": CsvLines, ".jsonl": LinesOfJson}


class RecordLog(Callback):
    """Keeps records, one an epoch or every so many steps, in memory and, with a ``path``, line by line in a file.

    A record holds ``epoch`` and ``step``, how many are done, and numbers. Those of a run that is resumed go on; every
    other fit begins anew.
    """

    changes_training = False

    def __init__(self, path: str | os.PathLike[str] | None, every_steps: int | None) -> None:
        check_path(self, "path", path, optional=True)
        if every_steps is not None:
            check_integer(self, "every_steps", every_steps, minimum=1)
        self.path = path
        self.every_steps = every_steps
        self.writer: LineWriter | None = None
        self._records: list[dict[str, Any]] = []
        self._resumed = False
        if path is not None:
            form = _FORMS.get(os.path.splitext(path)[1])
            if form is None:
                raise ArgumentError(
                    f"{type(self).__name__}: path must end in .csv or .jsonl, for a table or lines of JSON, got "
                    f"{os.fspath(path)!r}"
                )
            self.writer = LineWriter(type(self).__name__, path, form())

    @property
    def records(self) -> list[dict[str, Any]]:
        """Copies of all records of this fit, in order."""
        return [dict(record) for record in self._records]

    @abstractmethod
    def measured(self, fit: FitView) -> dict[str, float]:
        """What is to be kept of this moment: finite numbers."""

    def fit_started(self, fit: FitView) -> None:
        if not self._resumed:
            self._records = []
        self._resumed = False
        if self.writer is not None:
            self.writer.open(fit.callbacks)

    def steps_ended(self, fit: FitView) -> None:
        self._keep(fit)

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        if self.every_steps is None:
            self._keep(fit)

    def fit_ended(self, fit: FitView) -> None:
        if self.writer is not None:
            self.writer.close(self._records, failed=fit.outcome == "failed")

    def state(self) -> dict[str, Any]:
        return {"records": self.records}

    def restore(self, state: dict[str, Any]) -> None:
        check_table(self, "the state", state, "records")
        check_instance(self, "records", state["records"], list)
        for place, record in enumerate(state["records"]):
            check_table(self, f"records[{place}]", record, "epoch", "step")
        self._records = [dict(record) for record in state["records"]]
        self._resumed = True

    def _keep(self, fit: FitView) -> None:
        self._records.append({"epoch": fit.epoch, "step": fit.step, **self.measured(fit)})
        if self.writer is not None:
            self.writer.add(self._records)
