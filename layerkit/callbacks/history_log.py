"""What the callbacks that write the history line by line have in common."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from layerkit.callbacks.log_file import LogFile
from layerkit.errors import ArgumentError
from layerkit.interfaces.callback import Callback, FitView


class HistoryLog(Callback):
    """Writes each epoch's record as one line, as soon as it is there.

    The file holds the trainer's whole history: it is begun anew with the epochs that are done already, so a fit that is
    resumed leaves no line twice.
    """

    first_bytes: ClassVar[bytes]
    """What every such file begins with: nothing else is replaced by one."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path
        self._file = LogFile(type(self).__name__, path)
        self._begun = False

    @abstractmethod
    def whole(self, records: Sequence[dict[str, Any]]) -> list[str]:
        """The lines of a file of these epochs."""

    @abstractmethod
    def line(self, record: dict[str, Any]) -> str | None:
        """One epoch more; None if it does not fit behind what ``whole`` gave last."""

    def fit_started(self, fit: FitView) -> None:
        # a fit that is refused has lost nothing: the first line that it writes replaces what is there
        self._begun = False
        self._file.open()
        for other in fit.callbacks:
            if other is not self and isinstance(other, HistoryLog) and self._file.shares_with(other._file):
                raise ArgumentError(
                    f"{type(self).__name__}: path {os.fspath(self.path)!r} is written by another "
                    f"{type(other).__name__} too: give each a file of its own"
                )
        self._file.require_own(self.first_bytes)

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        line = self.line(record) if self._begun else None
        if line is None:
            self._begin(fit)
        else:
            self._file.add([line])

    def fit_ended(self, fit: FitView) -> None:
        if not self._begun and fit.outcome != "failed":
            self._begin(fit)
        self._file.close()

    def _begin(self, fit: FitView) -> None:
        self._file.begin(self.whole(fit.trainer.history.records))
        self._begun = True
