"""A resumed fit that a callback refuses, before its first step, can be asked for again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Adam, Callback, Dense, EarlyStopping, Quadratic, Sequential, Trainer
from layerkit.errors import ArgumentError
from layerkit.interfaces.callback import FitView

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)


class Keeps(Callback):
    """Keeps the state of training after the third epoch."""

    changes_training = False

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        if fit.epoch == 3:
            self.kept = fit.trainer.state()


class Refuses(Callback):
    """Refuses every fit."""

    changes_training = False

    def fit_started(self, fit: FitView) -> None:
        raise ArgumentError("no")


def new_trainer() -> Trainer:
    return Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=Adam(), seed=0)


def stopping() -> EarlyStopping:
    return EarlyStopping(monitor="cost", minimum_change=10.0, patience=5)


def test_it_ends_as_if_it_had_not_been_refused() -> None:
    whole, keeps = new_trainer(), Keeps()
    whole.fit((X, X[:, :1]), epochs=20, callbacks=[stopping(), keeps])
    assert len(whole.history) == 6
    trainer = new_trainer()
    trainer.restore(keeps.kept)
    for _ in range(2):
        with pytest.raises(ArgumentError, match="no"):
            trainer.fit((X, X[:, :1]), epochs=20, callbacks=[stopping(), Refuses()])
    trainer.fit((X, X[:, :1]), epochs=20, callbacks=[stopping()])
    assert trainer.history["cost"] == whole.history["cost"]
