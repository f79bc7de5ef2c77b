"""The last checkpoint of a run that ended with its best values holds those, and goes on as if it had not ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit
from layerkit import Adam, Checkpoint, CrossEntropy, Dense, EarlyStopping, Sequential, Tanh, Trainer

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(60, 4)).astype("f4"), RNG.integers(0, 3, 60)
VALIDATION = RNG.normal(size=(30, 4)).astype("f4"), RNG.integers(0, 3, 30)


def new_trainer() -> Trainer:
    model = Sequential([Dense(8, activation=Tanh()), Dense(3)])
    return Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.1), seed=0)


def fit(trainer: Trainer, *callbacks: Any, epochs: int = 12, patience: int = 50) -> Any:
    stopping = EarlyStopping(patience=patience, restore_best=True)
    return trainer.fit((X, Y), epochs=epochs, batch_size=8, validation=VALIDATION, callbacks=[stopping, *callbacks])


def values(model: Any) -> bytes:
    vector: bytes = model.structure.parameters.tobytes()
    return vector


@pytest.mark.parametrize("every", [{}, {"every_steps": 7}, {"every_epochs": 5}], ids=str)
@pytest.mark.parametrize("patience", [2, 50])
def test_it_measures_as_the_run_said_and_resumes_to_the_same_bits(
    tmp_path: Path, every: dict[str, Any], patience: int
) -> None:
    path = tmp_path / "run.safetensors"
    first = new_trainer()
    history = fit(first, Checkpoint(path, **every), patience=patience)
    told = first.evaluate(VALIDATION)["cost"]
    assert told == pytest.approx(min(history["validation_cost"]))
    assert told < history["validation_cost"][-1]
    assert values(layerkit.load(path)) == values(first.model)
    second = new_trainer()
    layerkit.resume(second, path)
    assert second.evaluate(VALIDATION)["cost"] == told
    fit(second, Checkpoint(path, **every), patience=patience)
    assert values(second.model) == values(first.model)
    assert len(second.history) == len(first.history)


def test_more_epochs_train_on_from_the_last_values(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    whole, short, resumed = new_trainer(), new_trainer(), new_trainer()
    fit(whole, epochs=20)
    fit(short, Checkpoint(path), epochs=12)
    layerkit.resume(resumed, path)
    fit(resumed, Checkpoint(path), epochs=20)
    assert resumed.history["cost"] == whole.history["cost"]
    assert values(resumed.model) == values(whole.model)


def test_of_two_that_restore_the_last_values_are_kept_once(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"

    def run(trainer: Trainer, epochs: int) -> None:
        two = [EarlyStopping(name, patience=50, restore_best=True) for name in ("validation_cost", "cost")]
        trainer.fit((X, Y), epochs=epochs, batch_size=8, validation=VALIDATION, callbacks=[*two, Checkpoint(path)])

    whole, short = new_trainer(), new_trainer()
    run(whole, 16)
    path.unlink()
    run(short, 10)
    resumed = new_trainer()
    layerkit.resume(resumed, path)
    run(resumed, 16)
    assert resumed.history["cost"] == whole.history["cost"]
    assert values(resumed.model) == values(whole.model)
