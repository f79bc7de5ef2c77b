"""A training of a few steps whose checkpoints the tests read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Adam,
    Callback,
    Checkpoint,
    Dense,
    Dropout,
    Quadratic,
    Sequential,
    Sigmoid,
    Trainer,
)
from layerkit.files.checkpoints import checkpoints_in, step_of
from layerkit.interfaces.callback import FitView
from layerkit.interfaces.optimizer import Optimizer

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
Y = (X[:, :2] > 0).astype(np.float32)


def new_trainer(optimizer: Optimizer | None = None, *, seed: int = 0) -> Trainer:
    model = Sequential([Dense(5, activation=Sigmoid()), Dropout(0.2), Dense(2)])
    return Trainer(model, cost=Quadratic(), optimizer=optimizer or Adam(), seed=seed)


def train(trainer: Trainer, *callbacks: Callback, epochs: int = 3, batch_size: int = 8, x: Any = X) -> None:
    trainer.fit((x, Y), epochs=epochs, batch_size=batch_size, callbacks=callbacks)


def steps(folder: Path) -> list[int]:
    return [step_of(path) or 0 for path in checkpoints_in(folder)]


class StoppedError(Exception):
    pass


class StopAt(Callback):
    def __init__(self, step: int) -> None:
        self.every_steps = step

    def steps_ended(self, fit: FitView) -> None:
        raise StoppedError


def checkpoint_of(trainer: Trainer, folder: Path) -> Path:
    with pytest.raises(StoppedError):
        train(trainer, StopAt(7), Checkpoint(folder / "run.safetensors", every_steps=6))
    return folder / "run.safetensors"
