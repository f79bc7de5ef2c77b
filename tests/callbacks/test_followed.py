"""Of a name that nothing measures, and no callback may add, what follows it is told before the first step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Accuracy,
    Callback,
    Checkpoint,
    CrossEntropy,
    Dense,
    EarlyStopping,
    FitView,
    GradientDescent,
    ReduceOnPlateau,
    Sequential,
    Trainer,
)
from layerkit.errors import ArgumentError

X = np.random.default_rng(0).normal(size=(12, 3))
Y = np.arange(12) % 3
FOLLOWERS: list[Callable[[str, Path], Callback]] = [
    lambda name, folder: EarlyStopping(name),
    lambda name, folder: ReduceOnPlateau(name),
    lambda name, folder: Checkpoint(folder, best=name),
]


class Spread(Callback):
    """Adds a measure of its own."""

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        record["spread"] = float(np.ptp(fit.model.predict(X)))


def new_trainer() -> Trainer:
    model = Sequential([Dense(3)])
    return Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), metrics=[Accuracy()], seed=0)


@pytest.mark.parametrize("follower", FOLLOWERS, ids=["EarlyStopping", "ReduceOnPlateau", "Checkpoint"])
@pytest.mark.parametrize("name", ["validation_cost", "validation_f1", "accuracy", "training_accuracy"])
def test_a_name_that_nothing_measures_is_told_before_the_first_step(
    name: str, follower: Callable[[str, Path], Callback], tmp_path: Path
) -> None:
    trainer = new_trainer()
    with pytest.raises(ArgumentError, match=rf"must be something that is measured, got '{name}'; measured here: 'epo"):
        trainer.fit((X, Y), epochs=1, callbacks=[follower(name, tmp_path)])
    assert trainer.history.records == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("follower", FOLLOWERS, ids=["EarlyStopping", "ReduceOnPlateau", "Checkpoint"])
@pytest.mark.parametrize("name", ["cost", "validation_cost", "validation_accuracy", "training_accuracy", "spread"])
def test_what_is_measured_or_added_is_followed(
    name: str, follower: Callable[[str, Path], Callback], tmp_path: Path
) -> None:
    trainer = new_trainer()
    callbacks = [Spread(), follower(name, tmp_path)]
    history = trainer.fit((X, Y), epochs=2, validation=(X, Y), training_metrics=True, callbacks=callbacks)
    assert set(history.records[0]) == {
        "epoch",
        "cost",
        "seconds",
        "spread",
        *(f"{part}_{what}" for part in ("training", "validation") for what in ("cost", "accuracy")),
    }


def test_a_fit_says_what_it_measures() -> None:
    told: list[list[str]] = []

    class Told(Callback):
        def fit_started(self, fit: FitView) -> None:
            told.append(list(fit.measures))

        def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
            assert list(record) == told[0]

    new_trainer().fit((X, Y), epochs=1, validation=(X, Y), callbacks=[Told()])
    assert told == [["epoch", "cost", "validation_cost", "validation_accuracy", "seconds"]]


def test_other_metrics_in_the_middle_of_a_fit_are_refused() -> None:
    class Replaces(Callback):
        def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
            fit.trainer.metrics = ()

    trainer = new_trainer()
    with pytest.raises(ArgumentError, match=r"Trainer\.metrics was replaced while it is fitting"):
        trainer.fit((X, Y), epochs=2, callbacks=[Replaces()])
    assert len(trainer.history) == 1
