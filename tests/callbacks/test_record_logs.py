"""Callbacks that keep records of their own: the learning rates; what holds for all is tried with them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from layerkit import (
    CsvLog,
    Dense,
    GradientDescent,
    LearningRateLog,
    Quadratic,
    ReduceOnPlateau,
    Sequential,
    StepDecay,
    Trainer,
    WarmUp,
)
from layerkit.errors import ArgumentError
from tests.callbacks.conftest import Data, MakeTrainer
from tests.callbacks.scripted import Scripted


def trainer_of(rate: Any) -> Trainer:
    return Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(rate), seed=0)


def test_the_rate_of_the_last_step_is_kept_after_each_epoch(data: Data) -> None:
    log = LearningRateLog()
    trainer_of(StepDecay(0.5, factor=0.1, every=2)).fit(data, epochs=4, batch_size=8, callbacks=[log])
    wanted = [(1, 5, 0.5), (2, 10, 0.5), (3, 15, 0.05), (4, 20, 0.05)]
    assert [tuple(record.values()) for record in log.records] == [pytest.approx(each) for each in wanted]


def test_or_after_each_so_many_steps(data: Data) -> None:
    log = LearningRateLog(every_steps=2)
    schedule = WarmUp(0.8, length=8, unit="step")
    trainer_of(schedule).fit(data, epochs=2, batch_size=8, callbacks=[log])
    assert [(record["epoch"], record["step"]) for record in log.records] == [(0, 2), (0, 4), (1, 6), (1, 8), (1, 10)]
    context = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(0.1))._standing.contexts[0]
    wanted = [schedule.rate(record["step"] - 1, context) for record in log.records]
    assert [record["learning_rate"] for record in log.records] == wanted


@pytest.mark.parametrize("first", [False, True])
def test_a_rate_that_is_lowered_after_an_epoch_is_that_of_the_next(
    make_trainer: MakeTrainer, data: Data, first: bool
) -> None:
    log, plateau = LearningRateLog(), ReduceOnPlateau("cost", factor=0.5, patience=1)
    order = [log, plateau] if first else [plateau, log]
    make_trainer(0.1).fit(data, epochs=3, callbacks=[Scripted("cost", [1.0, 1.0, 1.0]), *order])
    assert [record["learning_rate"] for record in log.records] == [0.1, 0.1, 0.05]


def test_records_are_written_as_they_come(make_trainer: MakeTrainer, data: Data, tmp_path: Path) -> None:
    table, lines = LearningRateLog(tmp_path / "rates.csv"), LearningRateLog(tmp_path / "rates.jsonl", every_steps=5)
    make_trainer(0.1).fit(data, epochs=3, batch_size=8, callbacks=[table, lines])
    with (tmp_path / "rates.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [["epoch", "step", "learning_rate"], *([str(e), str(5 * e), "0.1"] for e in (1, 2, 3))]
    read = [json.loads(line) for line in (tmp_path / "rates.jsonl").read_text().splitlines()]
    assert read == lines.records
    assert len(read) == 3


def test_a_run_that_is_resumed_goes_on_with_them_and_another_fit_begins_anew(
    make_trainer: MakeTrainer, data: Data, tmp_path: Path
) -> None:
    path = tmp_path / "rates.csv"
    trainer, log = make_trainer(0.1), LearningRateLog(path)
    trainer.fit(data, epochs=2, callbacks=[log])
    state = log.state()
    trainer.fit(data, epochs=1, callbacks=[log])
    assert [record["epoch"] for record in log.records] == [3]
    assert len(path.read_text().splitlines()) == 2
    log.restore(state)
    trainer.fit(data, epochs=1, callbacks=[log])
    assert [record["epoch"] for record in log.records] == [1, 2, 4]
    assert len(path.read_text().splitlines()) == 4


def test_two_logs_of_one_file_are_refused(make_trainer: MakeTrainer, data: Data, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    for callbacks in ([CsvLog(path), LearningRateLog(path)], [LearningRateLog(path), LearningRateLog(path)]):
        with pytest.raises(ArgumentError, match=r"is written by another .* too"):
            make_trainer().fit(data, epochs=1, callbacks=callbacks)


def test_what_was_given_is_a_copy(make_trainer: MakeTrainer, data: Data) -> None:
    log = LearningRateLog()
    make_trainer().fit(data, epochs=1, callbacks=[log])
    log.records[0]["learning_rate"] = 9.0
    assert log.records[0]["learning_rate"] == 0.1


@pytest.mark.parametrize("path", ["rates.txt", "rates"])
def test_another_kind_of_file_is_refused(path: str) -> None:
    with pytest.raises(ArgumentError, match=r"LearningRateLog: path must end in .csv or .jsonl"):
        LearningRateLog(path)


@pytest.mark.parametrize("state", [{}, {"records": {}}, {"records": [3]}, {"records": [{"epoch": 1}]}])
def test_a_state_that_is_none_is_refused(state: Any) -> None:
    with pytest.raises(ArgumentError, match="LearningRateLog"):
        LearningRateLog().restore(state)
