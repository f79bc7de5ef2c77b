"""Ctrl-C during training."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self, final

from layerkit.interfaces.callback import Callback

if TYPE_CHECKING:
    from layerkit.training.fit import Fit

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@final
class Interruption(Callback):
    """While entered, SIGINT and SIGTERM end the fit after the step that is under way; a second one ends it at once.

    ``signal`` is the number of the one that came, or None.
    """

    def __init__(self) -> None:
        self.signal: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        # Python lets the main thread alone handle signals
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._came) for number in _SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def fit_started(self, fit: Fit) -> None:
        self._stop(fit)

    def progress(self, fit: Fit) -> None:
        self._stop(fit)

    def epoch_ended(self, fit: Fit, record: dict[str, Any]) -> None:
        self._stop(fit)

    def _stop(self, fit: Fit) -> None:
        if self.signal is not None:
            fit.stop("interrupted", now=True)

    def _came(self, number: int, frame: FrameType | None) -> None:
        if self.signal is not None:
            raise KeyboardInterrupt
        self.signal = number
