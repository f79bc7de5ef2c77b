"""Resuming from a file: the same bits as one run."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import layerkit
from benchmarks.reliability.training import LONG, TRAININGS, fingerprint, fit
from layerkit import (
    Adam,
    Callback,
    Checkpoint,
    Dense,
    Quadratic,
    Sequential,
    Trainer,
    resume,
    save_checkpoint,
)
from layerkit.errors import ModelFileError, ResumeWarning
from layerkit.files.checkpoints import checkpoints_in
from layerkit.interfaces.callback import FitView
from layerkit.interfaces.optimizer import Optimizer
from layerkit.plugin import default_host
from tests.files.short_run import StopAt, StoppedError, new_trainer, train
from tests.models.custom import Scale


@pytest.mark.parametrize(
    "training",
    [pytest.param(name, marks=[pytest.mark.thorough] if name in LONG else []) for name in sorted(TRAININGS)],
)
def test_resumed_at_any_step_the_bits_are_those_of_one_run(training: str, tmp_path: Path) -> None:
    trainer, settings, callbacks = TRAININGS[training]()
    every = Checkpoint(tmp_path / "all", every_steps=1, every_epochs=1, keep=1000)
    fit(trainer, settings, [*callbacks, every])
    expected = fingerprint(trainer)
    found = checkpoints_in(tmp_path / "all")
    assert len(found) > 15
    # a few of them, within epochs and at their ends; the suite of promises tries them all
    for place, path in enumerate(found[:: len(found) // 3]):
        trainer, settings, callbacks = TRAININGS[training]()
        resume(trainer, path)
        fit(trainer, settings, [*callbacks, Checkpoint(tmp_path / f"{place}", every_steps=7, every_epochs=1)])
        assert fingerprint(trainer) == expected, path.name


def test_resuming_is_exact_for_every_registered_optimizer(tmp_path: Path) -> None:
    host = default_host()
    for entry in host.components("optimizers"):
        if entry.namespace != "layerkit":
            continue
        create = host.load("optimizers", entry.qualified_name)
        if create.needs_evaluate:
            # it wants all of the data in one batch: its own tests resume it
            continue

        def made(create: Any = create) -> Optimizer:
            made: Optimizer = create(learning_rate=0.01)
            return made

        whole = new_trainer(made())
        train(whole)
        first, second = new_trainer(made()), new_trainer(made())
        with pytest.raises(StoppedError):
            train(first, StopAt(8), Checkpoint(tmp_path / entry.name, every_steps=7))
        resume(second, tmp_path / entry.name)
        assert second.state()["position"]["batch"] == 2
        train(second)
        assert fingerprint(second) == fingerprint(whole), entry.name


def test_the_newest_sound_checkpoint_of_a_folder_is_taken(tmp_path: Path) -> None:
    train(new_trainer(), Checkpoint(tmp_path, every_steps=5, keep=3))
    newest = checkpoints_in(tmp_path)[0]
    newest.write_bytes(newest.read_bytes()[:-1])
    trainer = new_trainer()
    with pytest.warns(ResumeWarning, match="was cut or added to.*The one before is taken"):
        path = resume(trainer, tmp_path)
    assert path == str(tmp_path / "step-000000010.safetensors")
    for each in checkpoints_in(tmp_path):
        each.write_bytes(b"")
    with pytest.raises(ModelFileError, match=r"to resume from\n.*step-000000010.*\n.*step-000000005"):
        resume(trainer, tmp_path)
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    with pytest.raises(ModelFileError, match="holds no checkpoint to resume from"):
        resume(trainer, tmp_path)


def test_a_model_file_is_nothing_to_resume_from(tmp_path: Path) -> None:
    layerkit.save(Sequential([Dense(2)]).initialize(3), tmp_path / "model.safetensors")
    with pytest.raises(ModelFileError, match=r"no state of training: load it with layerkit\.load"):
        resume(new_trainer(), tmp_path / "model.safetensors")


def test_a_layer_without_a_name_can_be_resumed_and_not_loaded(tmp_path: Path) -> None:
    def made() -> Trainer:
        return Trainer(Sequential([Scale(), Dense(2)]), cost=Quadratic(), optimizer=Adam(), seed=0)

    whole, first, second = made(), made(), made()
    train(whole)
    with pytest.raises(StoppedError):
        train(first, StopAt(7), Checkpoint(tmp_path / "run.safetensors", every_steps=6))
    with pytest.raises(ModelFileError, match=r"custom\.Scale', which is registered under no name"):
        layerkit.load(tmp_path / "run.safetensors")
    resume(second, tmp_path / "run.safetensors")
    train(second)
    assert fingerprint(second) == fingerprint(whole)


def test_a_run_that_a_callback_ended_is_not_taken_further(tmp_path: Path) -> None:
    class Enough(Callback):
        def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
            if fit.epoch == 2:
                fit.stop("enough")

    trainer = new_trainer()
    train(trainer, Enough(), Checkpoint(tmp_path), epochs=5)
    again = new_trainer()
    resume(again, tmp_path)
    train(again, Enough(), Checkpoint(tmp_path), epochs=5)
    assert fingerprint(again) == fingerprint(trainer)
    assert len(again.history) == 2


def test_a_checkpoint_can_be_written_by_hand(tmp_path: Path) -> None:
    whole, first, second = new_trainer(), new_trainer(), new_trainer()
    train(whole, epochs=2)
    train(whole, epochs=2)
    train(first, epochs=2)
    save_checkpoint(first, tmp_path / "run.safetensors")
    resume(second, tmp_path / "run.safetensors")
    train(second, epochs=2)
    assert fingerprint(second) == fingerprint(whole)
