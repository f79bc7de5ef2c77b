"""Ending a fit in good order when the process is asked to end."""

from __future__ import annotations

import signal as signals
import threading
from types import FrameType
from typing import Any, Self, final

from layerkit.errors import ArgumentError
from layerkit.interfaces.callback import Callback, FitView

_SIGNALS = (signals.SIGINT, signals.SIGTERM)


@final
class Interruption(Callback):
    """While its block runs, SIGINT (Ctrl-C) and SIGTERM let the fit finish its step and stop; a second one kills.

    Callbacks that write when a fit ends, such as Checkpoint, then do so. Nothing is installed outside the block, and
    the handlers that were there before come back after it.

    Raises:
        ArgumentError: the block is entered in another thread than the main one, which alone receives signals.

    >>> with Interruption() as interruption:
    ...     pass  # trainer.fit(data, epochs=10, callbacks=[interruption, Checkpoint("run.safetensors")])
    >>> interruption.signal is None, interruption.exit_code
    (True, 0)
    """

    def __init__(self) -> None:
        self.signal: signals.Signals | None = None
        """The signal that came, if one did."""
        self._before: dict[signals.Signals, Any] = {}

    @property
    def exit_code(self) -> int:
        """What the program should end with: 128 + the signal's number, as shells count, or 0."""
        return 0 if self.signal is None else 128 + self.signal

    def __enter__(self) -> Self:
        if threading.current_thread() is not threading.main_thread():
            raise ArgumentError("Interruption: signals reach the main thread alone, so the block must run there")
        self.signal = None
        self._before = {number: signals.signal(number, self._receive) for number in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signals.signal(number, signals.SIG_DFL if handler is None else handler)
        self._before = {}

    def progress(self, fit: FitView) -> None:
        # what another callback asked for at this very place keeps its reason: a fit that is over is not interrupted
        if self.signal is not None and fit.stop_reason is None:
            fit.stop(f"interrupted by {self.signal.name}", now=True)

    def fit_started(self, fit: FitView) -> None:
        self.progress(fit)

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        self.progress(fit)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.signal = signals.Signals(number)
        # the system's own way with these signals is to end the process, whatever it is doing
        for each in _SIGNALS:
            signals.signal(each, signals.SIG_DFL)
