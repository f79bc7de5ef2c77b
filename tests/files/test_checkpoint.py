"""The callback that writes checkpoints: when, where, and what it does if it cannot."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit
from layerkit import (
    Callback,
    Checkpoint,
    resume,
)
from layerkit.errors import ArgumentError, CheckpointWarning, ModelFileError, NonFiniteError
from layerkit.files.checkpoints import checkpoints_in
from layerkit.interfaces.callback import FitView
from tests.files.short_run import StopAt, StoppedError, X, new_trainer, steps, train


def test_a_folder_keeps_the_newest_and_the_best(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path, every_steps=2, keep=3, best="cost")
    train(new_trainer(), checkpoint)
    assert steps(tmp_path) == [15, 14, 12]
    assert checkpoint.last == tmp_path / "step-000000015.safetensors"
    best = new_trainer()
    resume(best, tmp_path / "best.safetensors")
    costs = [record["cost"] for record in best.history]
    assert costs[-1] == min(costs)


def test_the_best_is_the_highest_where_high_is_good(tmp_path: Path) -> None:
    class Measured(Callback):
        def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
            record["validation_accuracy"] = [0.2, 0.9, float("nan"), 0.4][record["epoch"] - 1]

    train(new_trainer(), Measured(), Checkpoint(tmp_path, best="validation_accuracy"), epochs=4)
    best = new_trainer()
    resume(best, tmp_path / "best.safetensors")
    assert len(best.history) == 2
    with pytest.raises(ArgumentError, match="best must be something that is measured, got 'speed'"):
        train(new_trainer(), Checkpoint(tmp_path / "other", best="speed"))


def test_what_is_written_every_so_many_steps_is_not_written_every_epoch_besides(tmp_path: Path) -> None:
    train(new_trainer(), Checkpoint(tmp_path / "steps", every_steps=4, keep=100))
    assert steps(tmp_path / "steps") == [15, 12, 8, 4]
    train(new_trainer(), Checkpoint(tmp_path / "epochs", keep=100))
    assert steps(tmp_path / "epochs") == [15, 10, 5]


def test_a_single_file_is_replaced(tmp_path: Path) -> None:
    train(new_trainer(), Checkpoint(tmp_path / "run.safetensors", every_steps=4, best="cost"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.best.safetensors", "run.safetensors"]
    trainer = new_trainer()
    resume(trainer, tmp_path / "run.safetensors")
    train(trainer)
    assert len(trainer.history) == 3
    assert trainer.state()["position"]["step"] == 15


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"path": "x.safetensors", "keep": 2}, "to keep 2, give a folder"),
        ({"path": "x", "keep": 0}, "keep must be an integer of at least 1"),
        ({"path": "x", "every_steps": 0}, "every_steps must be"),
        ({"path": "x", "best": 3}, "best must be a str object or None, got 3"),
        ({"path": "x", "host": "mine"}, "host must be a PluginHost object or None, got 'mine'"),
        ({"path": "x", "on_failure": "ignore"}, "on_failure must be one of 'warn', 'raise'"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        Checkpoint(**arguments)


@pytest.mark.parametrize(
    "arguments", [{}, {"every_steps": 5, "keep": 3, "best": "cost", "mode": "highest", "on_failure": "raise"}]
)
def test_every_argument_is_kept_as_it_was_given(arguments: dict[str, Any], tmp_path: Path) -> None:
    for path in ("run", tmp_path / "run"):
        checkpoint = Checkpoint(path, **arguments)
        defaults = {"every_steps": None, "every_epochs": None, "keep": 1, "best": None, "mode": "auto"}
        assert checkpoint.config == {"path": path, **defaults, "on_failure": "warn", "host": None, **arguments}
        assert repr(checkpoint).startswith(f"Checkpoint({path!r}")
    with pytest.raises(ArgumentError, match=r"Checkpoint: path must be a path, as text .*, got 3"):
        Checkpoint(3)  # type: ignore[arg-type]


def test_it_must_stand_last(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="must be the last of the callbacks"):
        train(new_trainer(), Checkpoint(tmp_path), StopAt(3))
    train(new_trainer(), Checkpoint(tmp_path / "one"), Checkpoint(tmp_path / "two"))
    assert steps(tmp_path / "one") == steps(tmp_path / "two") == [15]


def test_checkpoints_of_a_run_that_came_further_are_not_mixed_with_a_new_one(tmp_path: Path) -> None:
    train(new_trainer(), Checkpoint(tmp_path))
    with pytest.raises(ArgumentError, match="a run that had come to step 15, and this one begins at step 0"):
        train(new_trainer(), Checkpoint(tmp_path))
    assert steps(tmp_path) == [15]


def test_a_full_disk_is_said_and_training_goes_on_or_stops_as_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(StoppedError):
        train(new_trainer(), StopAt(6), Checkpoint(tmp_path))
    kept = checkpoints_in(tmp_path)[0].read_bytes()
    first, second = new_trainer(), new_trainer()
    resume(first, tmp_path)
    resume(second, tmp_path)
    monkeypatch.setattr(os, "write", full)
    with pytest.warns(CheckpointWarning, match=r"no checkpoint after step 1[05]: .*No space left"):
        train(first, Checkpoint(tmp_path))
    assert len(first.history) == 3
    with pytest.raises(ModelFileError, match="No space left"):
        train(second, Checkpoint(tmp_path, on_failure="raise"))
    assert steps(tmp_path) == [5]
    assert checkpoints_in(tmp_path)[0].read_bytes() == kept


def test_after_a_number_that_is_not_finite_the_last_good_checkpoint_stays_and_is_named(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path, every_steps=1)

    class Poison(Callback):
        every_steps = 4

        def steps_ended(self, fit: FitView) -> None:
            fit.model.parameters["2.weight"][...] = np.nan

    with (
        pytest.warns(CheckpointWarning, match="no checkpoint after step 4: parameters are no longer finite"),
        pytest.raises(NonFiniteError, match="Usual causes") as error,
    ):
        train(new_trainer(), Poison(), checkpoint)
    assert steps(tmp_path) == [3]
    assert error.value.__notes__ == [f"The last good checkpoint is {tmp_path / 'step-000000003.safetensors'}"]
    assert np.isfinite(layerkit.load(tmp_path / "step-000000003.safetensors").structure.parameters).all()


def test_a_checkpoint_is_a_model_file_too(tmp_path: Path) -> None:
    trainer = new_trainer()
    train(trainer, Checkpoint(tmp_path / "run.safetensors"))
    model = layerkit.load(tmp_path / "run.safetensors")
    assert model.predict(X).tobytes() == trainer.model.predict(X).tobytes()


def test_what_a_file_cannot_hold_is_named(tmp_path: Path) -> None:
    class Odd(Callback):
        def state(self) -> dict[str, Any]:
            return {"odd": object()}

    with pytest.raises(ArgumentError, match=r"a file holds numbers, text.*got object"):
        train(new_trainer(), Odd(), Checkpoint(tmp_path))


def test_a_callback_that_ended_one_fit_does_not_end_the_next(tmp_path: Path) -> None:
    class Enough(Callback):
        def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
            fit.stop("enough")

    trainer, checkpoint = new_trainer(), Checkpoint(tmp_path)
    train(trainer, Enough(), checkpoint)
    train(trainer, checkpoint)
    assert len(trainer.history) == 4
