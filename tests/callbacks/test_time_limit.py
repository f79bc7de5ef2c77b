from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Callback, EarlyStopping, TimeLimit
from layerkit.callbacks import time_limit
from layerkit.errors import ArgumentError
from layerkit.interfaces.callback import FitView
from tests.callbacks.conftest import Data, MakeTrainer


class Clock(Callback):
    """A clock that goes a second each step, and a second for what comes after an epoch."""

    every_steps = 1

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def progress(self, fit: FitView) -> None:
        self.now += 1

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        self.now += 1


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time_limit, "time", clock)
    return clock


@pytest.mark.parametrize(("seconds", "steps"), [(1, 5), (5, 5), (6, 5), (7, 10), (10, 10), (11.5, 10)])
def test_the_epoch_in_which_the_time_is_up_is_the_last(
    make_trainer: MakeTrainer, data: Data, clock: Clock, seconds: float, steps: int
) -> None:
    trainer = make_trainer()
    history = trainer.fit(data, epochs=9, batch_size=8, callbacks=[clock, TimeLimit(seconds)])
    assert trainer.history.records[-1]["epoch"] == steps // 5
    assert history.stop_reason == f"the time is up: {seconds:g} s"


def test_it_can_end_before_the_next_step_to_be_gone_on_with(
    make_trainer: MakeTrainer, data: Data, clock: Clock
) -> None:
    whole, parts = make_trainer(), make_trainer()
    whole.fit(data, epochs=3, batch_size=8)
    done = []
    while len(parts.history) < 3:
        # each fit has its time anew
        parts.fit(data, epochs=3 - len(parts.history), batch_size=8, callbacks=[clock, TimeLimit(4, interrupt=True)])
        done.append(parts.state()["position"]["step"])
    assert done == [4, 7, 10, 14, 15]
    np.testing.assert_array_equal(parts.model.structure.parameters, whole.model.structure.parameters)


@pytest.mark.parametrize("interrupt", [False, True])
def test_the_best_values_are_restored_where_training_is_over(
    make_trainer: MakeTrainer, data: Data, clock: Clock, interrupt: bool
) -> None:
    trainer, stopping = make_trainer(), EarlyStopping("cost", patience=9, restore_best=True)
    trainer.fit(data, epochs=9, batch_size=8, callbacks=[clock, stopping, TimeLimit(17, interrupt=interrupt)])
    assert (stopping.state()["last"] is None) == interrupt


def test_another_reason_is_kept(make_trainer: MakeTrainer, data: Data, clock: Clock) -> None:
    class Stop(Callback):
        def progress(self, fit: FitView) -> None:
            fit.stop("enough")

    assert make_trainer().fit(data, epochs=2, callbacks=[Stop(), TimeLimit(0.5)]).stop_reason == "enough"


@pytest.mark.parametrize("seconds", [0, -1, float("inf"), "60"])
def test_what_is_no_time_is_refused(seconds: Any) -> None:
    with pytest.raises(ArgumentError, match="TimeLimit: seconds must be a finite number above 0"):
        TimeLimit(seconds)
