"""The learning rates of a fit."""

from __future__ import annotations

import os
from typing import Any, final

from layerkit.arguments import check_instance, check_integer, check_number, check_table
from layerkit.callbacks.record_log import RecordLog
from layerkit.errors import ArgumentError
from layerkit.interfaces.callback import FitView


@final
class LearningRateLog(RecordLog):
    """Keeps the learning rate of the last step, schedule applied, after each epoch or each so many steps.

    ``records`` holds ``epoch`` and ``step``, how many are done, and ``learning_rate``. They are part of checkpoints, so
    a run that is resumed goes on with them; every other fit begins anew.

    Args:
        path: a file that ends in ``.csv`` or ``.jsonl``, where each record is written as it comes; what it held is
            replaced. Without, they are kept in memory alone.
        every_steps: a record after each so many steps; without, after each epoch.

    Raises:
        ArgumentError: an argument is out of range; at the start of a fit, the file cannot be written, or another log
            writes it.

    >>> import numpy as np
    >>> from layerkit import Dense, GradientDescent, LearningRateLog, Quadratic, Sequential, StepDecay, Trainer
    >>> x = np.linspace(0, 1, 20)[:, None]
    >>> optimizer = GradientDescent(StepDecay(0.5, factor=0.1, every=2))
    >>> trainer = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=optimizer, seed=0)
    >>> log = LearningRateLog()
    >>> history = trainer.fit((x, 2 * x), epochs=3, callbacks=[log])
    >>> [record["learning_rate"] for record in log.records]
    [0.5, 0.5, 0.05]
    """

    def __init__(self, path: str | os.PathLike[str] | None = None, *, every_steps: int | None = None) -> None:
        super().__init__(path, every_steps)
        self._fit: Any = None
        self._last: tuple[int, float] | None = None
        """The count of steps at which the rate was looked at, and that of the last of them."""

    def fit_started(self, fit: FitView) -> None:
        if not self._resumed:
            self._last = None
        self._fit = fit
        super().fit_started(fit)

    def progress(self, fit: FitView) -> None:
        # before any callback is told of an epoch's end, and sets another rate
        self._look()

    def measured(self, fit: FitView) -> dict[str, float]:
        return {"learning_rate": self._look()}

    def fit_ended(self, fit: FitView) -> None:
        self._fit = None
        super().fit_ended(fit)

    def state(self) -> dict[str, Any]:
        # it may be saved behind an epoch's last step, by a callback that is told of it before this one
        if self._fit is not None and self._fit.step:
            self._look()
        return {**super().state(), "last": None if self._last is None else list(self._last)}

    def restore(self, state: dict[str, Any]) -> None:
        check_table(self, "the state", state, "records")
        # states of earlier versions do not tell it
        last = state.get("last")
        if last is not None:
            check_instance(self, "last", last, list)
            if len(last) != 2:
                raise ArgumentError(f"LearningRateLog: last must be a step and its rate, got {last!r:.100}")
            check_integer(self, "last[0]", last[0], minimum=1)
            check_number(self, "last[1]", last[1], minimum=0)
        super().restore(state)
        self._last = None if last is None else (last[0], float(last[1]))

    def _look(self) -> float:
        """The rate of the last step, as it was when that was made."""
        step = self._fit.step
        if self._last is None or self._last[0] != step:
            self._last = step, self._fit.job.learning_rate(step - 1)
        return self._last[1]
