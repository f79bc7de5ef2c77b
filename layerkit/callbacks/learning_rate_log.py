"""The learning rates of a fit."""

from __future__ import annotations

import os
from typing import Any, final

from layerkit.callbacks.record_log import RecordLog
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
        self._rate = 0.0

    def progress(self, fit: Any) -> None:
        # before any callback is told of an epoch's end, and sets another rate
        self._rate = fit.job.learning_rate(fit.step - 1)

    def measured(self, fit: FitView) -> dict[str, float]:
        return {"learning_rate": self._rate}
