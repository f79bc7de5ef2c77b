"""The bar itself, drawn by rich."""

from __future__ import annotations

from typing import TextIO, final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


@final
class ProgressBar:
    """One line at the bottom of a terminal: which epoch, how far all of training is, and how long it will take."""

    def __init__(self, file: TextIO) -> None:
        console = Console(file=file)
        narrow = console.width < 60
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=12 if narrow else 24),
            TaskProgressColumn(),
            *([] if narrow else [TimeRemainingColumn(), TextColumn("{task.fields[cost]}")]),
            console=console,
            transient=True,
            # drawn when the fit tells of progress: no thread of its own that takes time from training
            auto_refresh=False,
        )
        self._task = self._progress.add_task("", total=None, visible=False, cost="")
        self._first: int | None = None
        self._progress.start()
        # a program that is killed could not bring it back
        console.show_cursor(True)

    def show(self, epoch: int, epochs: int, batch: int, batches: int | None, cost: str) -> None:
        """Draw: ``epoch`` of ``epochs`` are done, and ``batch`` of the next one's ``batches`` (None: not known)."""
        if self._first is None:
            self._first = epoch
        done = epoch - self._first + (batch / batches if batches else 0)
        self._progress.update(
            self._task,
            description=f"epoch {min(epoch + 1, epochs)}/{epochs}",
            completed=done,
            total=epochs - self._first,
            cost=cost,
            visible=True,
        )
        self._progress.refresh()

    def print(self, line: str) -> None:
        """Print a line above the bar."""
        self._progress.console.print(line, markup=False, highlight=False, emoji=False, soft_wrap=True)

    def close(self) -> None:
        """Take the bar away."""
        self._progress.stop()
