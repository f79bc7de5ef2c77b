"""A learning rate that is changed while a fit is under way is held to what the constructor takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import (
    Callback,
    ClipNorm,
    Dense,
    FitView,
    GradientDescent,
    Quadratic,
    Schedule,
    Sequential,
    Trainer,
    UpdateContext,
)
from layerkit.engines import Automatic, NumpyEngine
from layerkit.errors import ArgumentError

X, Y = np.ones((20, 3)), np.zeros((20, 2))


class Sets(Callback):
    def __init__(self, rate: Any) -> None:
        self.rate = rate

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        fit.trainer.optimizer.learning_rate = self.rate


class Below(Schedule):
    def rate(self, step: int, ctx: UpdateContext) -> float:
        return 0.1 - 0.05 * step


def trainer(rate: Any = 0.1) -> Trainer:
    return Trainer(Sequential([Dense(2)]), cost=Quadratic(), optimizer=GradientDescent(rate), seed=0)


@pytest.mark.parametrize("wrong", [-1, -1e-9, None, "x", float("nan"), float("inf"), True, np.array([0.1])])
def test_what_no_optimizer_takes_is_refused_before_the_next_step(wrong: Any) -> None:
    one, other = trainer(), trainer()
    one.fit((X, Y), epochs=1, batch_size=5)
    with pytest.raises(ArgumentError, match="GradientDescent: learning_rate must be a finite number"):
        other.fit((X, Y), epochs=3, batch_size=5, callbacks=[Sets(wrong)])
    np.testing.assert_array_equal(other.model.structure.parameters, one.model.structure.parameters)


@pytest.mark.parametrize("right", [0, 1, np.float32(0.25), np.int64(0), Below()])
def test_what_the_constructor_takes_is_taken(right: Any) -> None:
    other = trainer()
    other.fit((X, Y), epochs=1, batch_size=5, callbacks=[Sets(right)])
    if not isinstance(right, Schedule):
        other.fit((X, Y), epochs=1, batch_size=5)
        assert len(other.history) == 2


def test_a_schedule_that_falls_below_zero_is_told() -> None:
    with pytest.raises(ArgumentError, match=r"learning_rate, at step 3, must be .*at least 0, got -0\.05"):
        trainer(Below()).fit((X, Y), epochs=1, batch_size=5)


class Replaces(Callback):
    def __init__(self, name: str, part: Any) -> None:
        self.name, self.part = name, part

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        setattr(fit.trainer, self.name, self.part)


@pytest.mark.parametrize("engine", [NumpyEngine(), Automatic([NumpyEngine()])], ids=["numpy", "auto"])
@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("optimizer", GradientDescent(0.0)),
        ("cost", Quadratic()),
        ("engine", NumpyEngine()),
    ],
)
def test_another_part_is_refused_at_the_next_step(name: str, part: Any, engine: Any) -> None:
    own = Trainer(Sequential([Dense(2)]), cost=Quadratic(), optimizer=GradientDescent(0.1), engine=engine, seed=0)
    with pytest.raises(ArgumentError, match=f"{name} was replaced while it is fitting"):
        own.fit((X, Y), epochs=3, callbacks=[Replaces(name, part)])


@pytest.mark.parametrize(
    ("name", "part", "words"),
    [
        ("transforms", (ClipNorm(1.0),), r"Trainer\.transforms: training has begun"),
        ("model", Sequential([Dense(2)]), r"Trainer\.model is what the training began with"),
    ],
)
def test_other_memory_and_another_model_are_refused_at_once(name: str, part: Any, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        trainer().fit((X, Y), epochs=3, callbacks=[Replaces(name, part)])


def test_another_part_may_be_given_between_fits() -> None:
    own = trainer()
    own.fit((X, Y), epochs=1, callbacks=[Replaces("optimizer", GradientDescent(0.0))])
    before = own.model.structure.parameters.copy()
    own.fit((X, Y), epochs=1)
    np.testing.assert_array_equal(own.model.structure.parameters, before)
