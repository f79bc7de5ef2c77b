"""Resuming under other conditions: what is refused, and what is only told."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.reliability.anatomy import Anatomy
from benchmarks.reliability.training import fingerprint
from layerkit import (
    Adam,
    Checkpoint,
    Constant,
    CrossEntropy,
    Dense,
    GradientDescent,
    MeanSquaredError,
    Metric,
    Quadratic,
    Schema,
    Sequential,
    Trainer,
    resume,
)
from layerkit.engines import Automatic, NumpyEngine
from layerkit.errors import ArgumentError, DataError, ModelFileError, ResumeWarning
from tests.files.short_run import X, Y, checkpoint_of, new_trainer, train


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
    other.model.layers = [*other.model.layers[:2], Dense(2, initializer=Constant(0.5))]
    with pytest.warns(
        ResumeWarning,
        match=r": model\.layers\.2\.initializer: None then, layerkit/constant now$",
    ):
        resume(other, path)
    another = new_trainer()
    another.engine = Automatic([NumpyEngine()])
    with pytest.warns(ResumeWarning, match=r"one run: engine: layerkit/numpy then, layerkit.engines.*Automatic now$"):
        resume(another, path)
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


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (lambda model: model.astype("float64"), r"dtype: 'float32' then, 'float64' now, and the first is kept"),
        (lambda model: setattr(model, "threshold", 0.7), r"threshold: 0\.5 then, 0\.7 now, and the first is kept"),
        (
            lambda model: setattr(model, "schema", Schema(columns=("a", "b", "c"))),
            r"schema\.columns: None then, \['a', 'b', 'c'\] now, and the first is kept",
        ),
        (lambda model: setattr(model, "schema", Schema(target="price")), r"schema\.target: None then, 'price' now"),
    ],
)
def test_what_a_new_model_was_given_and_does_not_keep_is_told(setting: Any, told: str, tmp_path: Path) -> None:
    def trainer() -> Trainer:
        model = Sequential([Dense(2)])
        return Trainer(model, cost=CrossEntropy(), optimizer=Adam(), seed=0)

    x, y = np.random.default_rng(0).normal(size=(12, 3)), np.arange(12) % 2
    path, first, other = tmp_path / "run.safetensors", trainer(), trainer()
    first.fit((x, y), epochs=2, callbacks=[Checkpoint(path)])
    setting(other.model)
    with pytest.warns(ResumeWarning, match=told):
        resume(other, path)
    other.fit((x, y), epochs=3)
    assert other.model.dtype == np.float32
    assert other.model.threshold == 0.5
    assert other.model.schema == Schema()


def test_metrics_that_are_gone_are_told_by_their_names(tmp_path: Path) -> None:
    def trainer(metrics: list[Metric]) -> Trainer:
        return Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=Adam(), metrics=metrics, seed=0)

    path, first = tmp_path / "run.safetensors", trainer([MeanSquaredError()])
    first.fit((np.ones((4, 2)), np.ones((4, 1))), epochs=1, callbacks=[Checkpoint(path)])
    with pytest.warns(ResumeWarning, match=r"metrics\.0: layerkit/mean-squared-error then, nothing now") as told:
        resume(trainer([]), path)
    assert "nothing then" not in str(told[0].message)
