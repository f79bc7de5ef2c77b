"""A progress bar for downloads."""

from __future__ import annotations

from types import TracebackType
from typing import Self, final

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn


@final
class DownloadBar:
    """A bar on standard error, drawn until the ``with`` block ends, with the methods that pooch calls."""

    def __init__(self, title: str) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        self._progress = Progress(*columns, console=Console(stderr=True))
        self._task = self._progress.add_task(title, total=None)

    @property
    def total(self) -> int:
        """How many bytes will come; 0 where the server does not say."""
        return int(self._progress.tasks[0].total or 0)

    @total.setter
    def total(self, value: int) -> None:
        self._progress.update(self._task, total=value or None)

    @property
    def completed(self) -> int:
        """How many bytes have come."""
        return int(self._progress.tasks[0].completed)

    def update(self, amount: int) -> None:
        """More bytes have come."""
        self._progress.advance(self._task, amount)

    def reset(self) -> None:
        """Begin again at 0."""
        self._progress.update(self._task, completed=0)

    def close(self) -> None:
        """Nothing: the ``with`` block ends the drawing, after a failure too."""

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()
