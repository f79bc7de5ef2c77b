"""What a run had decided – that it is over, what it began without learning – holds for whoever goes on with it."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Adam,
    Callback,
    Checkpoint,
    CrossEntropy,
    Dense,
    EarlyStopping,
    Sequential,
    Standardize,
    Tanh,
    Trainer,
    resume,
)
from layerkit.errors import ResumeWarning

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 4)) * 9 + 5
Y = np.arange(24) % 3
STEPS = 4


def frozen_trainer() -> Trainer:
    model = Sequential([Standardize(), Dense(3)]).initialize(4, seed=0)
    model[0].freeze()
    return Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.01), seed=0)


class Thaws(Callback):
    """Thaws the first layer after a step: by the count of steps alone."""

    every_steps = 1

    def __init__(self, step: int = 3) -> None:
        self.step = step

    def steps_ended(self, fit: Any) -> None:
        if fit.step >= self.step and fit.model[0].frozen:
            fit.model[0].unfreeze()


class Breaks(Callback):
    """Ends the fit after a step, by an exception or by a word."""

    every_steps = 1

    def __init__(self, step: int, how: str) -> None:
        self.step = step
        self.how = how

    def steps_ended(self, fit: Any) -> None:
        if self.how != "epoch":
            self._break(fit)

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        if self.how == "epoch":
            self._break(fit)

    def _break(self, fit: Any) -> None:
        if fit.step != self.step:
            return
        if self.how == "raise":
            raise RuntimeError("broken")
        fit.stop("broken", now=True)


def bits(trainer: Trainer) -> tuple[bytes, bytes, list[float]]:
    structure = trainer.model.structure
    return structure.parameters.tobytes(), structure.states.tobytes(), trainer.history["cost"]


def fit(trainer: Trainer, *callbacks: Callback, epochs: int = 3) -> None:
    with warnings.catch_warnings(action="error", category=ResumeWarning):
        trainer.fit((X, Y), epochs=epochs, batch_size=6, callbacks=callbacks)


BREAKS = [(2, "raise"), (3, "raise"), (7, "raise"), (8, "raise"), (7, "stop"), (8, "stop"), (8, "epoch"), (12, "epoch")]


@pytest.mark.parametrize(("step", "how"), BREAKS)
@pytest.mark.parametrize("way", ["file", "state", "same process"])
def test_a_layer_thawed_in_mid_run_does_not_learn_when_the_run_goes_on(
    step: int, how: str, way: str, tmp_path: Path
) -> None:
    whole = frozen_trainer()
    fit(whole, Thaws())
    assert whole.model.states["0.adapted"] == 0
    broken = frozen_trainer()
    try:
        fit(broken, Thaws(), Breaks(step, how), Checkpoint(tmp_path, every_steps=1, keep=99))
    except RuntimeError:
        assert how == "raise"
    trainer, epochs = (broken if way == "same process" else frozen_trainer()), 3
    if way == "file":
        resume(trainer, tmp_path)
    else:
        if way == "state":
            trainer.restore(broken.state())
        epochs -= len(broken.history)
    if epochs:
        fit(trainer, Thaws(), epochs=epochs)
    assert bits(trainer) == bits(whole)


def test_a_new_fit_lets_it_learn(tmp_path: Path) -> None:
    trainers = [frozen_trainer(), frozen_trainer(), frozen_trainer()]
    for trainer in trainers[:2]:
        fit(trainer, Thaws())
    trainers[2].restore(trainers[0].state())
    for trainer in trainers[1:]:
        fit(trainer)
        assert trainer.model.states["0.adapted"] == 1
    assert bits(trainers[1]) == bits(trainers[2])


def test_a_fit_on_other_data_after_one_that_was_broken_off_lets_it_learn() -> None:
    trainer = frozen_trainer()
    fit(trainer, Thaws(), Breaks(8, "epoch"))
    trainer.fit((X + 1, Y), epochs=1, batch_size=6)
    assert trainer.model.states["0.mean"] == pytest.approx((X + 1).mean(axis=0), rel=1e-5)


def test_a_state_that_names_another_layer_is_refused() -> None:
    trainer = frozen_trainer()
    with pytest.raises(Exception, match="passed_over"):
        trainer.restore({**trainer.state(), "passed_over": ["7"]})


def stopping_trainer() -> Trainer:
    model = Sequential([Dense(5, activation=Tanh()), Dense(3)])
    return Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.2), seed=0)


class Ends(Callback):
    """Ends a fit after an epoch, and remembers nothing."""

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        if fit.epoch == 4:
            fit.stop("four are enough")


def stopped(trainer: Trainer, *callbacks: Callback, epochs: int = 50) -> None:
    trainer.fit((X, Y), epochs=epochs, batch_size=6, validation=(X[:6], (Y[:6] + 1) % 3), callbacks=callbacks)


@pytest.mark.parametrize("epochs", [50, 60])
@pytest.mark.parametrize("restore_best", [False, True])
@pytest.mark.parametrize("checkpoint", [False, True])
def test_a_run_that_early_stopping_had_ended_is_over(
    checkpoint: bool, restore_best: bool, epochs: int, tmp_path: Path
) -> None:
    whole = stopping_trainer()
    stopped(whole, EarlyStopping(patience=1, restore_best=restore_best), Checkpoint(tmp_path))
    assert len(whole.history) < 50
    trainer = stopping_trainer()
    resume(trainer, tmp_path)
    others = [Checkpoint(tmp_path)] * checkpoint
    stopped(trainer, EarlyStopping(patience=1, restore_best=restore_best), *others, epochs=epochs)
    assert bits(trainer) == bits(whole)
    assert trainer.history["epoch"] == whole.history["epoch"]


@pytest.mark.parametrize("checkpoint", [False, True])
def test_a_run_that_any_callback_had_ended_is_over(checkpoint: bool, tmp_path: Path) -> None:
    whole = stopping_trainer()
    stopped(whole, Ends(), Checkpoint(tmp_path))
    trainer = stopping_trainer()
    resume(trainer, tmp_path)
    stopped(trainer, Ends(), *[Checkpoint(tmp_path)] * checkpoint)
    assert bits(trainer) == bits(whole)
    assert len(trainer.history) == 4


@pytest.mark.parametrize("callbacks", [[], [EarlyStopping(patience=4)]])
def test_it_goes_on_under_other_callbacks_which_is_told(callbacks: list[Callback], tmp_path: Path) -> None:
    whole = stopping_trainer()
    stopped(whole, EarlyStopping(patience=1), Checkpoint(tmp_path))
    trainer = stopping_trainer()
    resume(trainer, tmp_path)
    with pytest.warns(ResumeWarning, match="EarlyStopping"):
        stopped(trainer, *callbacks, Checkpoint(tmp_path), epochs=9)
    assert len(trainer.history) > len(whole.history)


class Interrupts(Callback):
    """A signal that comes at the end of the epoch in which early stopping ends the run."""

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        if fit.stop_reason is not None:
            fit.stop("interrupted", now=True)


def test_an_interruption_at_the_end_of_the_last_epoch_does_not_hide_that_it_was_the_last(tmp_path: Path) -> None:
    whole = stopping_trainer()
    stopped(whole, EarlyStopping(patience=1, restore_best=True))
    broken = stopping_trainer()
    stopped(broken, EarlyStopping(patience=1, restore_best=True), Interrupts(), Checkpoint(tmp_path))
    trainer = stopping_trainer()
    resume(trainer, tmp_path)
    stopped(trainer, EarlyStopping(patience=1, restore_best=True), Checkpoint(tmp_path))
    assert bits(trainer) == bits(whole)
