"""Training on the screen."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TextIO, final

from layerkit.arguments import check_instance
from layerkit.errors import ArgumentError
from layerkit.interfaces.callback import Callback, FitView
from layerkit.notebook import in_notebook
from layerkit.terminal import is_closed, is_terminal, unread

if TYPE_CHECKING:
    from layerkit.callbacks.notebook_progress import NotebookProgress
    from layerkit.callbacks.progress_bar import ProgressBar

_BETWEEN_UPDATES = 0.1
_NARROWEST = 7


@final
class ProgressDisplay(Callback):
    """Prints a line an epoch, and on a terminal, or in a notebook, a progress bar below them.

    Args:
        columns: the measures to print, in this order, each with its title; all of them if left out.
        file: where to; standard output if left out.

    The bar needs ``rich``, which is imported only if ``file`` is a terminal. Where nobody reads it any more – a pipe
    whose reader has gone, a closed file – training goes on unseen.
    """

    def __init__(self, *, columns: Mapping[str, str] | None = None, file: TextIO | None = None) -> None:
        check_instance(self, "columns", columns, Mapping, optional=True)
        if file is not None and not hasattr(file, "write"):
            raise ArgumentError(f"ProgressDisplay: file must be a text file, such as sys.stderr, got {file!r}")
        self.columns = columns
        self.file = file
        self._titles: dict[str, str] | None = None
        self._bar: ProgressBar | NotebookProgress | None = None
        self._updated = 0.0

    def fit_started(self, fit: FitView) -> None:
        self._titles = None
        file = self.file or sys.stdout
        if self.file is None and in_notebook():
            from layerkit.callbacks.notebook_progress import NotebookProgress

            self._bar = NotebookProgress()
            self._show(fit)
        elif is_terminal(file) and os.environ.get("TERM") != "dumb":
            from layerkit.callbacks.progress_bar import ProgressBar

            with unread():
                self._bar = ProgressBar(file)
            self._show(fit)

    def progress(self, fit: FitView) -> None:
        if self._bar is not None and time.monotonic() - self._updated > _BETWEEN_UPDATES:
            self._show(fit)

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        if self._titles is None:
            titles = self.columns or {name: name.replace("_", " ") for name in record}
            self._titles = {name: title for name, title in titles.items() if name in record}
            self._print("  ".join(title.rjust(_NARROWEST) for title in self._titles.values()))
        cells = [
            shown(name, record[name]).rjust(max(len(title), _NARROWEST)) if name in record else " " * len(title)
            for name, title in self._titles.items()
        ]
        self._print("  ".join(cells))
        self._show(fit)

    def fit_ended(self, fit: FitView) -> None:
        if self._bar is not None:
            with unread():
                self._bar.close()
            self._bar = None

    def _show(self, fit: FitView) -> None:
        if self._bar is None:
            return
        self._updated = time.monotonic()
        cost = "" if fit.cost is None else f"cost {fit.cost:.5g}"
        with unread():
            self._bar.show(fit.epoch, fit.epochs, fit.batch, fit.batches_per_epoch, cost)

    def _print(self, line: str) -> None:
        file = self.file or sys.stdout
        with unread():
            if self._bar is not None:
                self._bar.print(line)
            elif not is_closed(file):
                print(line, file=file, flush=True)


def shown(name: str, value: Any) -> str:
    """A measure for people: accuracies in percent, times to the millisecond.

    >>> shown("validation_accuracy", 0.9526), shown("cost", 0.0312), shown("epoch", 3)
    ('95.26 %', '0.03120', '3')
    """
    if not isinstance(value, float):
        return str(value)
    if name.endswith("accuracy"):
        return f"{value:.2%}".replace("%", " %")
    if name == "seconds":
        return f"{value:.3f}"
    return f"{value:.5f}" if 1e-3 <= abs(value) < 1e4 or value == 0 else f"{value:.3e}"
