"""The callback that writes checkpoints, and resuming from what it wrote."""

from __future__ import annotations

import errno
import os
import shutil
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit
from benchmarks.reliability.anatomy import Anatomy
from benchmarks.reliability.training import TRAININGS, fingerprint, fit
from layerkit import (
    Adam,
    Callback,
    Checkpoint,
    Constant,
    Dense,
    Dropout,
    GradientDescent,
    Quadratic,
    Sequential,
    Sigmoid,
    Trainer,
    resume,
    save_checkpoint,
)
from layerkit.errors import ArgumentError, CheckpointWarning, DataError, ModelFileError, NonFiniteError, ResumeWarning
from layerkit.files.checkpoints import checkpoints_in, step_of
from layerkit.interfaces.callback import FitView
from layerkit.interfaces.optimizer import Optimizer
from layerkit.plugin import default_host
from tests.models.custom import Scale

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
Y = (X[:, :2] > 0).astype(np.float32)


def new_trainer(optimizer: Optimizer | None = None, *, seed: int = 0) -> Trainer:
    model = Sequential([Dense(5, activation=Sigmoid()), Dropout(0.2), Dense(2)])
    return Trainer(model, cost=Quadratic(), optimizer=optimizer or Adam(), seed=seed)


def train(trainer: Trainer, *callbacks: Callback, epochs: int = 3, batch_size: int = 8, x: Any = X) -> None:
    trainer.fit((x, Y), epochs=epochs, batch_size=batch_size, callbacks=callbacks)


def steps(folder: Path) -> list[int]:
    return [step_of(path) or 0 for path in checkpoints_in(folder)]


@pytest.mark.parametrize("training", sorted(TRAININGS))
def test_resumed_at_any_step_the_bits_are_those_of_one_run(training: str, tmp_path: Path) -> None:
    trainer, settings, callbacks = TRAININGS[training]()
    every = Checkpoint(tmp_path / "all", every_steps=1, every_epochs=1, keep=1000)
    fit(trainer, settings, [*callbacks, every])
    expected = fingerprint(trainer)
    found = checkpoints_in(tmp_path / "all")
    assert len(found) > 25
    # a few of them, within epochs and at their ends
    for place, path in enumerate(found[::8]):
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

        def made(create: Any = create) -> Optimizer:
            made: Optimizer = create(learning_rate=0.01)
            return made

        whole = new_trainer(made())
        train(whole)
        first, second = new_trainer(made()), new_trainer(made())
        with pytest.raises(StoppedError):
            train(first, _StopAt(8), Checkpoint(tmp_path / entry.name, every_steps=7))
        resume(second, tmp_path / entry.name)
        assert second.state()["position"]["batch"] == 2
        train(second)
        assert fingerprint(second) == fingerprint(whole), entry.name


class StoppedError(Exception):
    pass


class _StopAt(Callback):
    def __init__(self, step: int) -> None:
        self.every_steps = step

    def steps_ended(self, fit: FitView) -> None:
        raise StoppedError


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
    with pytest.raises(ArgumentError, match="Checkpoint: path must be a str object, got 3"):
        Checkpoint(3)  # type: ignore[arg-type]


def test_it_must_stand_last(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="must be the last of the callbacks"):
        train(new_trainer(), Checkpoint(tmp_path), _StopAt(3))
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
        train(new_trainer(), _StopAt(6), Checkpoint(tmp_path))
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


def test_a_checkpoint_is_a_model_file_too(tmp_path: Path) -> None:
    trainer = new_trainer()
    train(trainer, Checkpoint(tmp_path / "run.safetensors"))
    model = layerkit.load(tmp_path / "run.safetensors")
    assert model.predict(X).tobytes() == trainer.model.predict(X).tobytes()


def test_a_layer_without_a_name_can_be_resumed_and_not_loaded(tmp_path: Path) -> None:
    def made() -> Trainer:
        return Trainer(Sequential([Scale(), Dense(2)]), cost=Quadratic(), optimizer=Adam(), seed=0)

    whole, first, second = made(), made(), made()
    train(whole)
    with pytest.raises(StoppedError):
        train(first, _StopAt(7), Checkpoint(tmp_path / "run.safetensors", every_steps=6))
    with pytest.raises(ModelFileError, match=r"custom\.Scale', which is registered under no name"):
        layerkit.load(tmp_path / "run.safetensors")
    resume(second, tmp_path / "run.safetensors")
    train(second)
    assert fingerprint(second) == fingerprint(whole)


def checkpoint_of(trainer: Trainer, folder: Path) -> Path:
    with pytest.raises(StoppedError):
        train(trainer, _StopAt(7), Checkpoint(folder / "run.safetensors", every_steps=6))
    return folder / "run.safetensors"


def test_other_settings_and_other_data_are_refused_and_the_right_ones_still_work(tmp_path: Path) -> None:
    path = checkpoint_of(new_trainer(), tmp_path)
    whole = new_trainer()
    train(whole)
    trainer = new_trainer()
    resume(trainer, path)
    with pytest.raises(ArgumentError, match="began with batch_size=8, and this call says 9"):
        train(trainer, batch_size=9)
    changed = X.copy()
    changed[3, 1] += 1
    with pytest.raises(DataError, match="the contents of x differ"):
        train(trainer, x=changed)
    with pytest.raises(DataError, match="rows: 40 then, 20 now"):
        trainer.fit((X[:20], Y[:20]), epochs=3, batch_size=8)
    train(trainer)
    assert fingerprint(trainer) == fingerprint(whole)


def test_another_kind_of_optimizer_or_model_is_refused(tmp_path: Path) -> None:
    path = checkpoint_of(new_trainer(), tmp_path)
    with pytest.raises(ArgumentError, match=r"optimizer \['layerkit/adam'\], this one has \['layerkit/grad"):
        resume(new_trainer(GradientDescent(0.1)), path)
    other = Trainer(Sequential([Dense(4)]), cost=Quadratic(), optimizer=Adam())
    with pytest.raises(ArgumentError, match="the checkpoint is that of another model"):
        resume(other, path)


def test_other_conditions_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = checkpoint_of(new_trainer(), tmp_path)
    with pytest.warns(ResumeWarning, match=r"optimizer\.learning_rate: 0\.001 then, 0\.5 now$"):
        resume(new_trainer(Adam(0.5)), path)
    other = new_trainer()
    other.model.layers = [*other.model.layers[:2], Dense(2, initializer=Constant(0.5))]  # type: ignore[attr-defined]
    with pytest.warns(
        ResumeWarning,
        match=r"model\.layers\.2\.initializer: None then, layerkit/constant now; .*value: nothing then, 0.5",
    ):
        resume(other, path)
    monkeypatch.setattr(np, "__version__", "9.9")
    with pytest.warns(ResumeWarning, match=r"numpy: \d.* then, 9.9 now"):
        resume(new_trainer(), path)
    monkeypatch.undo()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        resume(new_trainer(), path)


def test_of_many_changes_a_few_are_told(tmp_path: Path) -> None:
    path = checkpoint_of(new_trainer(), tmp_path)
    anatomy = Anatomy.of(path.read_bytes())
    anatomy.envelope["content"]["environment"] |= {f"library {number}": "1" for number in range(20)}
    anatomy.sign()
    path.write_bytes(anatomy.assemble())
    with pytest.warns(ResumeWarning, match=r"library 15: 1 then, nothing now; and 12 more$"):
        resume(new_trainer(), path)


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


def test_what_a_file_cannot_hold_is_named(tmp_path: Path) -> None:
    class Odd(Callback):
        def state(self) -> dict[str, Any]:
            return {"odd": object()}

    with pytest.raises(ArgumentError, match=r"a file holds numbers, text.*got object"):
        train(new_trainer(), Odd(), Checkpoint(tmp_path))


def test_a_checkpoint_can_be_written_by_hand(tmp_path: Path) -> None:
    whole, first, second = new_trainer(), new_trainer(), new_trainer()
    train(whole, epochs=2)
    train(whole, epochs=2)
    train(first, epochs=2)
    save_checkpoint(first, tmp_path / "run.safetensors")
    resume(second, tmp_path / "run.safetensors")
    train(second, epochs=2)
    assert fingerprint(second) == fingerprint(whole)


def test_a_callback_that_ended_one_fit_does_not_end_the_next(tmp_path: Path) -> None:
    class Enough(Callback):
        def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
            fit.stop("enough")

    trainer, checkpoint = new_trainer(), Checkpoint(tmp_path)
    train(trainer, Enough(), checkpoint)
    train(trainer, checkpoint)
    assert len(trainer.history) == 4


def test_a_refused_checkpoint_leaves_the_trainer_as_it_was(tmp_path: Path) -> None:
    path = checkpoint_of(new_trainer(), tmp_path)
    trainer = new_trainer(GradientDescent(0.1))
    train(trainer)
    before = fingerprint(trainer)
    with pytest.raises(ArgumentError, match="the checkpoint is that of a trainer with the optimizer"):
        resume(trainer, path)
    assert fingerprint(trainer) == before


@pytest.mark.parametrize("field", ["training", "environment", "components", "model"])
@pytest.mark.parametrize("value", [[], None, 7, {"x": 1}])
def test_a_forged_checkpoint_is_refused_with_the_one_error(field: str, value: Any, tmp_path: Path) -> None:
    path = checkpoint_of(new_trainer(), tmp_path)
    anatomy = Anatomy.of(path.read_bytes())
    anatomy.envelope["content"][field] = value
    anatomy.sign()
    path.write_bytes(anatomy.assemble())
    if (field, value) == ("environment", {"x": 1}):
        # nothing of it is known, so all of it differs
        with pytest.warns(ResumeWarning, match="numpy: nothing then"):
            resume(new_trainer(), path)
    else:
        with pytest.raises(ModelFileError, match=r"run\.safetensors was refused"):
            resume(new_trainer(), path)
