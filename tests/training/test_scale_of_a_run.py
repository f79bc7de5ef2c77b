"""The scale of standardised targets in runs that are resumed, refused or stopped: learned once, and kept whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit
from layerkit import (
    Callback,
    Checkpoint,
    CrossEntropy,
    EarlyStopping,
    Engine,
    NumpyEngine,
    Standardize,
    Trainer,
    Unstandardize,
)
from layerkit.errors import ArgumentError, DataError, EngineError, ResumeWarning
from layerkit.interfaces.callback import FitView
from tests.training.standardized import RNG, X, Y, new_trainer, scale_of


class Stop(Callback):
    every_steps = 1

    def __init__(self, step: int) -> None:
        self.step = step

    def steps_ended(self, fit: FitView) -> None:
        if fit.step == self.step:
            fit.stop("enough", now=True)


@pytest.mark.parametrize("step", [1, 4, 6])
def test_a_resumed_run_ends_with_the_same_bits(step: int, tmp_path: Path) -> None:
    uninterrupted = new_trainer(dtype="float32")
    wanted = uninterrupted.fit((X, Y), epochs=2, validation=(X, Y))
    path = tmp_path / "run.safetensors"
    new_trainer(dtype="float32").fit((X, Y), epochs=2, validation=(X, Y), callbacks=[Stop(step), Checkpoint(path)])
    resumed = new_trainer(dtype="float32")
    layerkit.resume(resumed, path)
    resumed.fit((X, Y), epochs=2, validation=(X, Y))
    assert resumed.model.structure.parameters.tobytes() == uninterrupted.model.structure.parameters.tobytes()
    assert repr(resumed.model.readout) == repr(uninterrupted.model.readout)
    assert resumed.history["validation_mean_squared_error"] == wanted["validation_mean_squared_error"]
    model = layerkit.load(path)
    assert repr(model.readout) == repr(uninterrupted.model.readout)


def test_the_scale_of_the_first_data_is_resumed_not_learned_again(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    first = new_trainer(silence=["target-scale"])
    first.fit((X, Y), epochs=1)
    first.fit((X, Y * 2), epochs=2, callbacks=[Stop(6), Checkpoint(path)])
    resumed = new_trainer(silence=["target-scale"])
    layerkit.resume(resumed, path)
    resumed.fit((X, Y * 2), epochs=2)
    np.testing.assert_allclose(scale_of(resumed)[0], Y.mean(axis=0))


@pytest.mark.parametrize("first", [True, False])
def test_a_run_is_resumed_with_the_targets_that_it_had_or_refused(first: bool, tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    new_trainer(standardize=first).fit((X, Y / 1e4), epochs=2, callbacks=[Stop(2), Checkpoint(path)])
    other = new_trainer(standardize=not first)
    layerkit.resume(other, path)
    if first:
        # the scale is in the checkpoint, and stays
        with pytest.warns(ResumeWarning, match="standardize_targets: True then, False now"):
            other.fit((X, Y / 1e4), epochs=2)
        assert isinstance(other.model.readout, Unstandardize)
    else:
        with pytest.raises(ArgumentError, match="began with standardize_targets=False, and this call says True"):
            other.fit((X, Y / 1e4), epochs=2)
        assert other.model.readout is None


def test_class_weights_that_differ_are_refused(tmp_path: Path) -> None:
    labels = RNG.integers(0, 3, 120)
    path = tmp_path / "run.safetensors"

    def trainer() -> Trainer:
        return new_trainer(standardize=False, cost=CrossEntropy(), metrics=[])

    trainer().fit((X, labels), epochs=2, class_weights={0: 1, 1: 2, 2: 3}, callbacks=[Stop(2), Checkpoint(path)])
    for other in (None, "balanced", {0: 1, 1: 2, 2: 4}):
        resumed = trainer()
        layerkit.resume(resumed, path)
        with pytest.raises(ArgumentError, match=r"began with class_weights=\[1.0, 2.0, 3.0\], and this call says"):
            resumed.fit((X, labels), epochs=2, class_weights=other)
    resumed = trainer()
    layerkit.resume(resumed, path)
    resumed.fit((X, labels), epochs=2, class_weights={"2": 3.0, 1: 2.0, 0: 1.0})
    whole = trainer()
    whole.fit((X, labels), epochs=2, class_weights={0: 1, 1: 2, 2: 3})
    assert resumed.model.structure.parameters.tobytes() == whole.model.structure.parameters.tobytes()


@pytest.mark.parametrize(
    ("readout", "message"),
    [
        ({"mean": [0.0], "deviation": [1.0]}, "readout must be the scale of this model's targets"),
        ({"mean": [0.0] * 3, "deviation": [0.0] * 3}, "deviation must be a finite number above 0"),
        ({"mean": ["a"] * 3, "deviation": [1.0] * 3}, "mean must be a finite number"),
        ({"middle": 3}, "readout must be the scale"),
        (7, "readout must be the scale"),
    ],
)
def test_a_state_with_another_scale_is_refused_whole(readout: Any, message: str) -> None:
    trainer = new_trainer()
    trainer.fit((X, Y), epochs=1)
    state = trainer.state()
    json.dumps(state["readout"])
    other = new_trainer()
    with pytest.raises(ArgumentError, match=message):
        other.restore({**state, "readout": readout})
    assert not other.model.initialized
    # those of earlier versions have none
    other.restore({name: value for name, value in state.items() if name != "readout"})
    assert other.model.readout is None


def test_early_stopping_watches_errors_in_the_targets_own_units() -> None:
    trainer = new_trainer()
    stopping = EarlyStopping("validation_mean_squared_error", patience=3, restore_best=True)
    trainer.fit((X[:80], Y[:80]), validation=(X[80:], Y[80:]), epochs=60, callbacks=[stopping])
    found = trainer.evaluate((X[80:], Y[80:]))["mean_squared_error"]
    assert stopping.best == pytest.approx(found)
    assert found > 1


class Refusing(Callback):
    def fit_started(self, fit: FitView) -> None:
        raise ArgumentError("not now")


def test_a_refused_fit_leaves_the_model_without_a_scale() -> None:
    trainer = new_trainer()
    with pytest.raises(ArgumentError, match="not now"):
        trainer.fit((X, Y), epochs=1, callbacks=[Refusing()])
    assert trainer.model.readout is None
    with pytest.raises(DataError):
        trainer.fit((X, Y), epochs=1, validation=(X, np.full_like(Y, np.nan)))
    assert trainer.model.readout is None
    trainer.fit((X, Y * 2), epochs=1)
    np.testing.assert_allclose(scale_of(trainer)[0], 2 * Y.mean(axis=0))


class Unwilling(Engine):
    def start(self, job: Any) -> Any:
        raise EngineError("not this one")


def test_a_fit_that_the_engine_refuses_has_learned_nothing_of_the_data() -> None:
    trainer = new_trainer(front=[Standardize()], engine=Unwilling())
    with pytest.raises(EngineError, match="not this one"):
        trainer.fit((X, Y), epochs=1)
    assert trainer.model.readout is None
    assert trainer.model.states["0.adapted"] == 0
    trainer.engine = NumpyEngine()
    trainer.fit((X * 2, Y * 2), epochs=1)
    np.testing.assert_allclose(scale_of(trainer)[0], 2 * Y.mean(axis=0))
    np.testing.assert_allclose(trainer.model.states["0.mean"], 2 * X.mean(axis=0))


class Stopping(Callback):
    def fit_started(self, fit: FitView) -> None:
        fit.stop("at once")


def test_a_fit_that_is_stopped_before_its_first_step_has_learned_of_the_data() -> None:
    trainer = new_trainer(front=[Standardize()])
    trainer.fit((X, Y), epochs=1, callbacks=[Stopping()])
    assert len(trainer.history) == 0
    assert trainer.model.states["0.adapted"] == 1
    np.testing.assert_allclose(scale_of(trainer)[0], Y.mean(axis=0))


class Adapting(Callback):
    def fit_started(self, fit: FitView) -> None:
        fit.trainer.adapt((X, Y))


def test_adapt_is_refused_while_the_trainer_is_fitting() -> None:
    trainer = new_trainer()
    with pytest.raises(ArgumentError, match="this trainer is fitting already"):
        trainer.fit((X, Y), epochs=1, callbacks=[Adapting()])
    trainer.fit((X, Y), epochs=1)
