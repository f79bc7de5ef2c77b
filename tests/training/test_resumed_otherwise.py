"""What differs on resume and is no setting of the batches: told, one by one."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Adam,
    Callback,
    Checkpoint,
    CosineDecay,
    CosineRestarts,
    Dense,
    FitView,
    MeanSquaredError,
    Quadratic,
    Sequential,
    Trainer,
    WarmUp,
    resume,
)
from layerkit.errors import ResumeWarning

X = np.random.default_rng(0).normal(size=(40, 4))
Y = X[:, :1] * 9 + 4


def new(*, rate: Any = 0.01, scaled: bool = False) -> Trainer:
    model = Sequential([Dense(3), Dense(1)]).initialize(4, seed=0)
    parts: dict[str, Any] = {"metrics": [MeanSquaredError()], "standardize_targets": scaled}
    return Trainer(model, cost=Quadratic(), optimizer=Adam(rate), seed=0, silence=("all",), **parts)


def told(first: Trainer, second: Trainer, folder: Path, *, epochs: int = 4, then: Any = (), now: Any = ()) -> str:
    first.fit((X, Y), epochs=4, batch_size=8, callbacks=[Checkpoint(folder)], **dict(then))
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        resume(second, folder)
        second.fit((X, Y), epochs=epochs, batch_size=8, **dict(now))
    assert {each.category for each in found} <= {ResumeWarning}
    return "\n".join(str(each.message) for each in found)


def test_the_same_is_told_nothing(tmp_path: Path) -> None:
    assert told(new(scaled=True), new(scaled=True), tmp_path) == ""


def test_a_scale_that_is_not_asked_for_any_more(tmp_path: Path) -> None:
    assert "standardize_targets: True then, False now" in told(new(scaled=True), new(), tmp_path)


def test_measures_on_the_training_data(tmp_path: Path) -> None:
    assert "training_metrics: False then, True now" in told(new(), new(), tmp_path, now={"training_metrics": True})


RATES = [
    lambda: CosineDecay(0.01, length=4),
    lambda: CosineDecay(0.01, length=20, unit="step"),
    lambda: WarmUp(CosineDecay(0.01, length=3), length=1),
    lambda: WarmUp(CosineDecay(0.01, length=15, unit="step"), length=5, unit="step"),
    lambda: CosineRestarts(0.01, period=4),
    lambda: CosineRestarts(0.01, period=2),
    lambda: CosineRestarts(0.01, period=20, unit="step"),
]


@pytest.mark.parametrize("rate", RATES)
def test_a_schedule_as_long_as_the_run_was(rate: Any, tmp_path: Path) -> None:
    assert "as long as it was" in told(new(rate=rate()), new(rate=rate()), tmp_path, epochs=6)


@pytest.mark.parametrize("rate", [lambda: CosineDecay(0.01, length=9), lambda: CosineRestarts(0.01, period=3)])
def test_a_schedule_of_another_length(rate: Any, tmp_path: Path) -> None:
    assert told(new(rate=rate()), new(rate=rate()), tmp_path, epochs=6) == ""


def first_layer(model: Any) -> Any:
    return model[0]


class Thaws(Callback):
    """Unfreezes the first layer after two epochs, as gradual unfreezing does."""

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        if record["epoch"] == 2:
            first_layer(fit.model).unfreeze()


def half_frozen() -> Trainer:
    trainer = new()
    first_layer(trainer.model).freeze()
    return trainer


@pytest.mark.parametrize("stopped", [1, 3])
def test_layers_that_are_unfrozen_on_the_way_are_told_nothing(stopped: int, tmp_path: Path) -> None:
    whole, first, again = half_frozen(), half_frozen(), half_frozen()
    whole.fit((X, Y), epochs=4, batch_size=8, callbacks=[Thaws()])
    first.fit((X, Y), epochs=stopped, batch_size=8, callbacks=[Thaws(), Checkpoint(tmp_path)])
    for epochs in (stopped + 1, 4):
        # stopped and gone on with twice: what was frozen at the beginning is known to the end
        again = half_frozen()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            resume(again, tmp_path)
            again.fit((X, Y), epochs=epochs, batch_size=8, callbacks=[Thaws(), Checkpoint(tmp_path)])
    np.testing.assert_array_equal(again.model.structure.parameters, whole.model.structure.parameters)
    assert not first_layer(again.model).frozen


def test_a_layer_that_is_frozen_by_hand_before_resuming(tmp_path: Path) -> None:
    assert "layer 0 was not, and is now" in told(new(), half_frozen(), tmp_path, epochs=6)


def test_a_layer_that_is_not_frozen_any_more(tmp_path: Path) -> None:
    trainer = new()
    assert "layer 0 was, and is not now" in told(half_frozen(), trainer, tmp_path, epochs=6)
    assert first_layer(trainer.model).frozen


def test_a_layer_frozen_after_resuming_is_meant(tmp_path: Path) -> None:
    first, second = new(), new()
    first.fit((X, Y), epochs=2, batch_size=8, callbacks=[Checkpoint(tmp_path)])
    resume(second, tmp_path)
    first_layer(second.model).freeze()
    before = first_layer(second.model).weight.copy()
    second.fit((X, Y), epochs=4, batch_size=8)
    np.testing.assert_array_equal(first_layer(second.model).weight, before)
