"""Checkpoints that are damaged or stuck do not stand in the way of a run that goes on."""

from __future__ import annotations

import os
import signal
import warnings
from pathlib import Path

import numpy as np
import pytest

from benchmarks.reliability.process import exit_code, forked
from benchmarks.reliability.training import fingerprint
from layerkit import Adam, Checkpoint, Dense, Dropout, Quadratic, Sequential, Trainer, resume
from layerkit.errors import ArgumentError, CheckpointWarning, ModelFileError, ResumeWarning
from layerkit.files.checkpoints import checkpoints_in, set_aside, step_of

X, Y = np.linspace(0, 1, 20)[:, None], np.linspace(1, 0, 20)[:, None]


def new_trainer() -> Trainer:
    return Trainer(Sequential([Dense(3), Dropout(0.2), Dense(1)]), cost=Quadratic(), optimizer=Adam(), seed=0)


def trained(folder: Path, trainer: Trainer | None = None, *, keep: int = 3) -> Trainer:
    trainer = trainer or new_trainer()
    trainer.fit((X, Y), epochs=4, batch_size=5, callbacks=[Checkpoint(folder, every_steps=3, keep=keep)])
    return trainer


def steps(folder: Path) -> list[int | None]:
    return [step_of(path) for path in checkpoints_in(folder)]


@pytest.mark.parametrize("damage", ["cut", "changed", "empty"])
def test_a_run_goes_on_behind_damaged_checkpoints_which_are_set_aside(damage: str, tmp_path: Path) -> None:
    whole = trained(tmp_path)
    assert steps(tmp_path) == [16, 15, 12]
    for newest in checkpoints_in(tmp_path)[:2]:
        content = newest.read_bytes()
        wrong = {"cut": content[:-3], "changed": content[:-3] + b"\xff" + content[-2:], "empty": b""}[damage]
        newest.write_bytes(wrong)
    trainer = new_trainer()
    with pytest.warns(ResumeWarning, match=r"it was set aside as step-0000000\d\d\.safetensors\.damaged") as told:
        assert resume(trainer, tmp_path) == str(tmp_path / "step-000000012.safetensors")
    assert len(told) == 2
    assert steps(tmp_path) == [12]
    trained(tmp_path, trainer)
    assert fingerprint(trainer) == fingerprint(whole)
    assert steps(tmp_path) == [16, 15, 12]
    assert len(list(tmp_path.glob("*.damaged"))) == 2


def test_a_damaged_checkpoint_is_set_aside_also_where_another_was_named(tmp_path: Path) -> None:
    trained(tmp_path)
    newest, *_, oldest = checkpoints_in(tmp_path)
    for path in checkpoints_in(tmp_path)[:2]:
        path.write_bytes(b"")
    trainer = new_trainer()
    resume(trainer, oldest)
    with pytest.warns(CheckpointWarning, match="it was set aside as"):
        trained(tmp_path, trainer)
    assert newest.stat().st_size > 0


def test_sound_checkpoints_of_a_longer_run_still_refuse_a_new_one(tmp_path: Path) -> None:
    trained(tmp_path)
    with pytest.raises(ArgumentError, match="a run that had come to step 16"):
        trained(tmp_path)
    assert steps(tmp_path) == [16, 15, 12]


def test_where_all_are_damaged_none_is_moved(tmp_path: Path) -> None:
    trained(tmp_path, keep=2)
    for path in checkpoints_in(tmp_path):
        path.write_bytes(b"")
    with pytest.raises(ModelFileError, match="was refused"):
        resume(new_trainer(), tmp_path)
    assert steps(tmp_path) == [16, 15]


def test_an_old_checkpoint_that_cannot_be_removed_is_told_once_and_training_goes_on(tmp_path: Path) -> None:
    # a folder in a checkpoint's place cannot be unlinked, not even by root
    stuck = tmp_path / "step-000000000.safetensors"
    stuck.mkdir()
    with pytest.warns(CheckpointWarning, match="step-000000000.safetensors could not be removed") as told:
        trainer = trained(tmp_path, keep=1)
    assert trainer.history.records[-1]["epoch"] == 4
    assert len(told) == 1
    assert steps(tmp_path) == [16, 0]


def test_what_cannot_be_renamed_is_told(tmp_path: Path) -> None:
    checkpoint = tmp_path / "step-000000003.safetensors"
    # it is gone already
    assert "could not be set aside as step-000000003.safetensors.damaged" in set_aside(checkpoint)


@pytest.mark.parametrize("kind", ["folder", "full folder", "file", "link to nothing"])
def test_what_is_set_aside_takes_the_place_of_nothing(kind: str, tmp_path: Path) -> None:
    trained(tmp_path, keep=3)
    newest = checkpoints_in(tmp_path)[0]
    newest.write_bytes(b"damaged")
    before = newest.with_name(f"{newest.name}.damaged")
    match kind:
        case "folder":
            before.mkdir()
        case "full folder":
            (before / "inside").mkdir(parents=True)
        case "file":
            before.write_text("precious")
        case _:
            before.symlink_to("nothing")
    trainer = new_trainer()
    with pytest.warns(ResumeWarning, match=r"set aside as step-\d+\.safetensors\.damaged\.2"):
        resume(trainer, tmp_path)
    trainer.fit((X, Y), epochs=4, batch_size=5, callbacks=[Checkpoint(tmp_path, keep=3)])
    assert newest.with_name(f"{before.name}.2").read_bytes() == b"damaged"
    assert kind != "file" or before.read_text() == "precious"


def test_a_folder_that_cannot_be_listed_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="could not be read"):
        checkpoints_in(tmp_path / "nowhere")


def test_killed_exactly_inside_the_rotation_nothing_is_lost(tmp_path: Path) -> None:
    whole = trained(tmp_path / "whole")

    def work(_: int) -> None:
        unlink = Path.unlink

        def killed(path: Path, missing_ok: bool = False) -> None:
            if step_of(path) == 6:
                os.kill(os.getpid(), signal.SIGKILL)
            unlink(path, missing_ok=missing_ok)

        Path.unlink = killed  # type: ignore[method-assign,assignment]
        trained(tmp_path / "killed", keep=1)

    child, reading = forked(work)
    os.close(reading)
    assert exit_code(child) == -signal.SIGKILL
    assert steps(tmp_path / "killed") == [9, 6]
    trainer = new_trainer()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        resume(trainer, tmp_path / "killed")
        trained(tmp_path / "killed", trainer, keep=1)
    assert fingerprint(trainer) == fingerprint(whole)
    assert steps(tmp_path / "killed") == [16]
