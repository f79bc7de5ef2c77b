"""An end after some time."""

from __future__ import annotations

import time
from typing import Any, final

from layerkit.arguments import check_boolean, check_number
from layerkit.interfaces.callback import Callback, FitView


@final
class TimeLimit(Callback):
    """Ends a fit once ``seconds`` have passed since it began, validation and all other callbacks included.

    Args:
        seconds: how long it may take, above 0.
        interrupt: whether it ends before the next step, to be resumed from there; else the epoch is finished, the
            training is over, and the best weights are restored where ``EarlyStopping`` is to do that.

    A fit that is resumed has its time anew, for it is the time of a process that is short: by ``interrupt``, jobs that
    are given an hour each train for as long as it takes, and come to the bits of one run.

    Raises:
        ArgumentError: an argument is out of range.

    >>> import numpy as np
    >>> from layerkit import Dense, GradientDescent, Quadratic, Sequential, TimeLimit, Trainer
    >>> x = np.linspace(0, 1, 20)[:, None]
    >>> trainer = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(0.5), seed=0)
    >>> trainer.fit((x, 2 * x), epochs=10**9, callbacks=[TimeLimit(0.05)]).stop_reason
    'the time is up: 0.05 s'
    """

    def __init__(self, seconds: float, *, interrupt: bool = False) -> None:
        check_number(self, "seconds", seconds, above=0)
        check_boolean(self, "interrupt", interrupt)
        self.seconds = seconds
        self.interrupt = interrupt
        self._end = 0.0

    def fit_started(self, fit: FitView) -> None:
        self._end = time.monotonic() + self.seconds

    def progress(self, fit: FitView) -> None:
        # what another callback asked for keeps its reason
        if time.monotonic() >= self._end and fit.stop_reason is None:
            fit.stop(f"the time is up: {self.seconds:g} s", now=self.interrupt)

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        self.progress(fit)
