"""What callbacks remember of a run that was resumed, wherever it broke, is what they remember of one run."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Adam,
    BatchNormalization,
    Callback,
    Checkpoint,
    CosineDecay,
    CrossEntropy,
    Dense,
    Diagnosis,
    Dropout,
    EarlyStopping,
    LayerStatistics,
    LearningRateLog,
    ReduceOnPlateau,
    ReLU,
    Sequential,
    Trainer,
    resume,
)
from layerkit.errors import LayerkitWarning, ResumeWarning

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
Y = np.arange(40) % 2
EPOCHS, STEPS = 3, 8

CALLBACKS: dict[str, Callable[[], list[Callback]]] = {
    "statistics of epochs": lambda: [LayerStatistics()],
    "statistics of steps": lambda: [LayerStatistics(every_steps=3)],
    "diagnosis": lambda: [Diagnosis()],
    "rates of epochs": lambda: [LearningRateLog()],
    "rates of steps": lambda: [LearningRateLog(every_steps=3)],
    "rates before a plateau": lambda: [LearningRateLog(), ReduceOnPlateau("cost", patience=1, minimum_change=9.0)],
    "rates after a plateau": lambda: [ReduceOnPlateau("cost", patience=1, minimum_change=9.0), LearningRateLog()],
    "stopping": lambda: [EarlyStopping("cost", restore_best=True)],
}


class Breaks(Callback):
    """Raises after a step, before or after what its neighbours do, or after an epoch."""

    every_steps = 1
    changes_training = False

    def __init__(self, step: int = 0, *, after_epoch: bool = False) -> None:
        self.step = step
        self.after_epoch = after_epoch

    def steps_ended(self, fit: Any) -> None:
        if fit.step == self.step and not self.after_epoch:
            raise RuntimeError

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        if fit.step == self.step and self.after_epoch:
            raise RuntimeError


def remembered(callbacks: list[Callback], breaks: Breaks, path: Path | None, *, resumed: bool) -> list[dict[str, Any]]:
    hidden = Dense(8, activation=ReLU())
    model = Sequential([hidden, BatchNormalization(), Dropout(0.5), Dense(2)])
    plateau = any(isinstance(each, ReduceOnPlateau) for each in callbacks)
    rate = 0.01 if plateau else CosineDecay(0.01, length=EPOCHS)
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=Adam(rate), seed=0)
    if resumed:
        assert path is not None
        with warnings.catch_warnings(action="ignore", category=ResumeWarning):
            # it does not know the callback yet that has set another rate
            resume(trainer, path)
    saving = [] if path is None else [Checkpoint(path, every_steps=1)]
    with warnings.catch_warnings(action="ignore", category=LayerkitWarning):
        trainer.fit((X, Y), epochs=EPOCHS, batch_size=5, callbacks=[breaks, *callbacks, *saving])
    return [callback.state() for callback in callbacks]


@pytest.mark.parametrize("after_epoch", [pytest.param(False, marks=pytest.mark.thorough), True])
@pytest.mark.parametrize("kind", CALLBACKS)
def test_what_they_remember_does_not_tell_where_it_broke(kind: str, after_epoch: bool, tmp_path: Path) -> None:
    path, make = tmp_path / "run.safetensors", CALLBACKS[kind]
    whole = remembered(make(), Breaks(), None, resumed=False)
    for step in range(STEPS if after_epoch else 2, EPOCHS * STEPS, STEPS if after_epoch else 3):
        with pytest.raises(RuntimeError):
            remembered(make(), Breaks(step, after_epoch=after_epoch), path, resumed=False)
        again = remembered(make(), Breaks(), path, resumed=True)
        np.testing.assert_equal(again, whole, err_msg=f"after step {step}")
