from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit as kit
from layerkit import (
    Callback,
    Checkpoint,
    ConstantRate,
    Dense,
    GradientDescent,
    Quadratic,
    ReduceOnPlateau,
    Sequential,
    StepDecay,
    Trainer,
)
from layerkit.errors import ArgumentError, ResumeWarning
from tests.callbacks.conftest import Data, MakeTrainer
from tests.callbacks.scripted import Scripted

FLAT = [5.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 3.0, 3.0]


class Rates(Callback):
    """The learning rate with which each epoch ends."""

    def __init__(self) -> None:
        self.rates: list[float] = []

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        self.rates.append(fit.trainer.optimizer.learning_rate)


def rates(make_trainer: MakeTrainer, data: Data, values: list[float], plateau: ReduceOnPlateau) -> list[float]:
    log = Rates()
    make_trainer(1.0).fit(data, epochs=len(values), callbacks=[Scripted(plateau.monitor, values), plateau, log])
    return log.rates


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ({"patience": 2}, [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.125, 0.125]),
        # epochs of the cooldown do not count as waiting
        ({"patience": 2, "cooldown": 1}, [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.25]),
        ({"patience": 3, "minimum_rate": 0.4}, [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.4, 0.4, 0.4, 0.4]),
        ({"patience": 4, "minimum_change": 2.0}, [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]),
        ({"patience": 1, "mode": "highest"}, [1, 0.5, 0.25, *(0.5**n for n in range(3, 11))]),
    ],
)
def test_the_rate_falls_after_epochs_without_a_new_best(
    make_trainer: MakeTrainer, data: Data, arguments: dict[str, Any], wanted: list[float]
) -> None:
    plateau = ReduceOnPlateau("cost", factor=0.5, **arguments)
    assert rates(make_trainer, data, FLAT, plateau) == wanted
    assert len(plateau.reductions) == sum(np.diff(np.array([1, *wanted])) < 0)
    assert all(wanted[epoch - 1] < ([1, *wanted])[epoch - 1] for epoch in plateau.reductions)


def test_what_is_no_number_is_no_new_best(make_trainer: MakeTrainer, data: Data) -> None:
    plateau = ReduceOnPlateau("cost", factor=0.5, patience=2)
    assert rates(make_trainer, data, [2.0, math.nan, math.nan, 1.0], plateau) == [1, 1, 0.5, 0.5]
    assert plateau.best == 1


def test_the_steps_after_a_reduction_are_those_of_the_lower_rate(make_trainer: MakeTrainer, data: Data) -> None:
    reduced, by_hand = make_trainer(0.1), make_trainer(0.1)
    script = Scripted("cost", [1.0, 1.0, 1.0, 1.0])
    reduced.fit(data, epochs=4, callbacks=[script, ReduceOnPlateau("cost", factor=0.5, patience=2)])
    by_hand.fit(data, epochs=3)
    by_hand.optimizer.learning_rate = 0.05
    by_hand.fit(data, epochs=1)
    np.testing.assert_array_equal(reduced.model.structure.parameters, by_hand.model.structure.parameters)


def test_a_second_fit_goes_on_with_the_rate_and_a_clean_memory(make_trainer: MakeTrainer, data: Data) -> None:
    trainer, plateau = make_trainer(1e-9), ReduceOnPlateau("cost", factor=0.5, patience=1, minimum_change=9.0)
    trainer.fit(data, epochs=2, callbacks=[plateau])
    assert plateau.reductions == [2]
    trainer.fit(data, epochs=2, callbacks=[plateau])
    assert plateau.reductions == [4]
    assert trainer.optimizer.learning_rate == 0.25e-9


@pytest.mark.parametrize("schedule", [ConstantRate(0.1), StepDecay(0.1, factor=0.5, every=2)])
def test_a_schedule_is_refused_before_the_first_step(data: Data, schedule: Any) -> None:
    trainer = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(schedule), seed=0)
    with pytest.raises(ArgumentError, match=r"ReduceOnPlateau: the optimizer's learning rate follows .*give the opt"):
        trainer.fit(data, epochs=1, callbacks=[ReduceOnPlateau("cost")])
    assert len(trainer.history) == 0


def test_a_name_that_is_not_measured_is_told(make_trainer: MakeTrainer, data: Data) -> None:
    with pytest.raises(ArgumentError, match="monitor must be something that is measured, got 'validation_cost'"):
        make_trainer().fit(data, epochs=1, callbacks=[ReduceOnPlateau()])


@pytest.mark.parametrize("cut", [3, 5])
def test_a_run_that_is_resumed_from_a_file_has_the_same_bits(
    make_trainer: MakeTrainer, data: Data, tmp_path: Path, cut: int
) -> None:
    def new_callbacks(place: str) -> list[Callback]:
        plateau = ReduceOnPlateau("cost", factor=0.5, patience=1, minimum_change=0.05)
        return [plateau, Checkpoint(tmp_path / place, keep=20)]

    whole = make_trainer(0.1)
    whole.fit(data, epochs=8, batch_size=8, callbacks=new_callbacks("whole"))
    assert 0 < float(whole.optimizer.learning_rate) < 0.1  # type: ignore[arg-type]
    again = make_trainer(0.1)
    # that the rate is another one by then is no news, and no warning
    kit.resume(again, tmp_path / "whole" / f"step-{cut * 5:09}.safetensors")
    again.fit(data, epochs=8, batch_size=8, callbacks=new_callbacks("again"))
    assert again.optimizer.learning_rate == whole.optimizer.learning_rate
    np.testing.assert_array_equal(again.model.structure.parameters, whole.model.structure.parameters)


@pytest.mark.parametrize(
    ("name", "value"), [("rate", -1), ("waited", 1.5), ("cooling", -1), ("reductions", 3), ("reductions", [0])]
)
def test_a_state_that_is_none_is_refused(name: str, value: Any) -> None:
    plateau = ReduceOnPlateau()
    with pytest.raises(ArgumentError, match=name):
        plateau.restore({**plateau.state(), name: value})


def test_a_run_that_is_resumed_without_it_is_told(make_trainer: MakeTrainer, data: Data, tmp_path: Path) -> None:
    whole = make_trainer(0.1)
    plateau = ReduceOnPlateau("cost", factor=0.5, patience=1, minimum_change=0.05)
    whole.fit(data, epochs=8, batch_size=8, callbacks=[plateau, Checkpoint(tmp_path, keep=20)])
    again = make_trainer(0.1)
    kit.resume(again, tmp_path / "step-000000025.safetensors")
    with pytest.warns(ResumeWarning, match="other callbacks, as they are now: .*ReduceOnPlateau"):
        again.fit(data, epochs=8, batch_size=8)
