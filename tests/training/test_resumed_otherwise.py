"""What differs on resume and is no setting of the batches: told, one by one."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Adam,
    Checkpoint,
    CosineDecay,
    CosineRestarts,
    Dense,
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
