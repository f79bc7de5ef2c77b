"""An error in a callback of the last epoch: the fit is not finished, and its checkpoint is not replaced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import Adam, Callback, Checkpoint, Dense, EarlyStopping, Quadratic, Sequential, Trainer, resume
from layerkit.interfaces.callback import FitView

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 3)), RNG.normal(size=(40, 2))


class Fails(Callback):
    """Ctrl-C comes while the callbacks are told of the last epoch."""

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        if fit.epoch == fit.epochs:
            raise KeyboardInterrupt


def train(path: Path, *first: Callback, resumes: bool = False) -> Trainer:
    model = Sequential([Dense(4), Dense(2)]).initialize(3, seed=1)
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(0.3), seed=0)
    if resumes:
        resume(trainer, path)
    stopping = EarlyStopping("cost", mode="highest", patience=9, restore_best=True)
    trainer.fit((X, Y), epochs=4, batch_size=8, callbacks=[*first, stopping, Checkpoint(path)])
    return trainer


def test_the_resumed_run_ends_as_the_undisturbed_one(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    whole = train(tmp_path / "whole.safetensors")
    with pytest.raises(KeyboardInterrupt):
        train(path, Fails())
    resumed = train(path, resumes=True)
    assert len(resumed.history) == 4
    np.testing.assert_array_equal(resumed.model.structure.parameters, whole.model.structure.parameters)
