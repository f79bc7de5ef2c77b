from __future__ import annotations

import math
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

from layerkit import Callback, EarlyStopping
from layerkit.errors import ArgumentError
from layerkit.interfaces.callback import FitView
from tests.callbacks.conftest import Data, MakeTrainer
from tests.callbacks.scripted import Scripted


def epochs_run(make_trainer: MakeTrainer, data: Data, values: list[float], stopping: EarlyStopping) -> int:
    trainer = make_trainer()
    script = Scripted(stopping.monitor, values)
    return len(trainer.fit(data, epochs=len(values), batch_size=8, callbacks=[script, stopping]))


@pytest.mark.parametrize(
    ("monitor", "mode", "values", "expected"),
    [
        ("validation_cost", "auto", [3, 2, 1, 1, 1, 0], 5),
        ("validation_cost", "auto", [3, 4, 2, 3, 1, 1, 2, 0], 7),
        ("validation_accuracy", "auto", [0.5, 0.7, 0.6, 0.7, 0.9], 4),
        ("validation_mean_squared_error", "auto", [3, 2, 2, 2, 1], 4),
        ("validation_cost", "highest", [3, 2, 1, 0], 3),
        ("score", "lowest", [1, 2, 3, 0], 3),
        ("cost", "auto", [math.nan, math.nan, 1], 2),
        ("cost", "auto", [2, math.nan, 1, 1, 1, 1], 5),
    ],
)
def test_it_stops_after_two_epochs_without_a_new_best(
    make_trainer: MakeTrainer, data: Data, monitor: str, mode: Any, values: list[float], expected: int
) -> None:
    assert epochs_run(make_trainer, data, values, EarlyStopping(monitor, patience=2, mode=mode)) == expected


def test_a_change_that_is_too_small_is_no_new_best(make_trainer: MakeTrainer, data: Data) -> None:
    values = [1.0, 0.95, 0.91, 0.5, 0.5, 0.5]
    assert epochs_run(make_trainer, data, values, EarlyStopping("cost", patience=2, minimum_change=0.2)) == 3
    assert epochs_run(make_trainer, data, values, EarlyStopping("cost", patience=2)) == 6


def test_the_reason_says_what_was_best_and_when(make_trainer: MakeTrainer, data: Data) -> None:
    stopping = EarlyStopping("cost", patience=1)
    history = make_trainer().fit(data, epochs=3, callbacks=[Scripted("cost", [2.0, 1.0, 1.5]), stopping])
    assert history.stop_reason == "cost has not improved for 1 epoch (best 1 in epoch 2)"
    assert (stopping.best, stopping.best_epoch) == (1.0, 2)


def test_the_best_values_come_back(make_trainer: MakeTrainer, data: Data) -> None:
    alone, stopped = make_trainer(), make_trainer()
    alone.fit(data, epochs=2, batch_size=8)
    script = Scripted("cost", [2.0, 1.0, 3.0, 4.0, 0.0])
    stopping = EarlyStopping("cost", patience=2, restore_best=True)
    history = stopped.fit(data, epochs=5, batch_size=8, callbacks=[script, stopping])
    assert len(history) == 4
    for path, array in alone.model.parameters.items():
        np.testing.assert_array_equal(stopped.model.parameters[path], array)


def test_the_best_values_come_back_after_the_last_epoch_too(make_trainer: MakeTrainer, data: Data) -> None:
    alone, watched = make_trainer(), make_trainer()
    alone.fit(data, epochs=1, batch_size=8)
    stopping = EarlyStopping("cost", patience=9, restore_best=True)
    watched.fit(data, epochs=3, batch_size=8, callbacks=[Scripted("cost", [1.0, 2.0, 3.0]), stopping])
    np.testing.assert_array_equal(watched.model.parameters["0.weight"], alone.model.parameters["0.weight"])


class Ends(Callback):
    """Ends the fit after the third epoch, in one of several ways."""

    def __init__(self, way: str) -> None:
        self.way = way

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        if record["epoch"] != 3:
            return
        if self.way == "error":
            raise KeyboardInterrupt
        fit.stop("enough", now=self.way == "now")


@pytest.mark.parametrize(("way", "epoch"), [("stop", 1), ("now", 3), ("error", 3)])
def test_the_best_values_come_back_at_every_end_but_an_interruption_or_an_error(
    way: str, epoch: int, make_trainer: MakeTrainer, data: Data
) -> None:
    alone, ended = make_trainer(), make_trainer()
    alone.fit(data, epochs=epoch, batch_size=8)
    stopping = EarlyStopping("cost", patience=9, restore_best=True)
    callbacks = [Scripted("cost", [1.0, 2.0, 3.0, 4.0]), stopping, Ends(way)]
    with pytest.raises(KeyboardInterrupt) if way == "error" else nullcontext():
        ended.fit(data, epochs=4, batch_size=8, callbacks=callbacks)
    np.testing.assert_array_equal(ended.model.parameters["0.weight"], alone.model.parameters["0.weight"])


def test_of_two_the_one_that_ends_the_fit_has_its_way(make_trainer: MakeTrainer, data: Data) -> None:
    alone, ended = make_trainer(), make_trainer()
    alone.fit(data, epochs=2, batch_size=8)
    impatient = EarlyStopping("cost", patience=1, restore_best=True)
    patient = EarlyStopping("epoch", mode="lowest", patience=9, restore_best=True)
    ended.fit(data, epochs=9, batch_size=8, callbacks=[Scripted("cost", [2.0, 1.0, 3.0]), impatient, patient])
    np.testing.assert_array_equal(ended.model.parameters["0.weight"], alone.model.parameters["0.weight"])


def test_each_fit_begins_with_a_clean_memory(make_trainer: MakeTrainer, data: Data) -> None:
    trainer = make_trainer()
    stopping = EarlyStopping("cost", patience=1)
    assert len(trainer.fit(data, epochs=4, callbacks=[Scripted("cost", [1.0, 2.0, 3.0, 4.0]), stopping])) == 2
    assert len(trainer.fit(data, epochs=2, callbacks=[Scripted("cost", [0, 0, 9.0, 8.0]), stopping])) == 2


@pytest.mark.parametrize("restore_best", [True, False])
def test_a_resumed_fit_stops_where_it_would_have(make_trainer: MakeTrainer, data: Data, restore_best: bool) -> None:
    values = [5.0, 3.0, 4.0, 3.5, 6.0, 1.0, 1.0]

    class Keep(Callback):
        """Takes the trainer's state after the third epoch, when two more may pass."""

        kept: dict[str, Any]

        def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
            if record["epoch"] == 3:
                self.kept = fit.trainer.state()

    keep = Keep()
    whole, resumed = make_trainer(), make_trainer()

    def callbacks() -> list[Callback]:
        return [Scripted("cost", values), EarlyStopping("cost", patience=3, restore_best=restore_best), keep]

    whole.fit(data, epochs=7, batch_size=8, callbacks=callbacks())
    resumed.restore(keep.kept)
    resumed.fit(data, epochs=7, batch_size=8, callbacks=callbacks())
    assert len(whole.history) == len(resumed.history) == 5
    np.testing.assert_array_equal(resumed.model.parameters["0.weight"], whole.model.parameters["0.weight"])


def test_a_measure_that_is_not_there_is_refused_with_those_that_are(make_trainer: MakeTrainer, data: Data) -> None:
    with pytest.raises(ArgumentError, match=r"got 'validation_cost'; measured here: 'epoch', 'cost', 'seconds'"):
        make_trainer().fit(data, epochs=2, callbacks=[EarlyStopping()])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"patience": 0}, "patience must be an integer of at least 1, got 0"),
        ({"minimum_change": -1.0}, "minimum_change must be a finite number at least 0"),
        ({"mode": "min"}, "mode must be one of 'auto', 'lowest', 'highest', got 'min'"),
        ({"restore_best": 1}, "restore_best must be True or False"),
        ({"monitor": 3}, "monitor must be a str object, got 3"),
    ],
)
def test_arguments_are_checked(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        EarlyStopping(**arguments)
