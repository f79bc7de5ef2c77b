"""The two callbacks that write the history into a file."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from layerkit import Callback, CsvLog, JsonLines
from layerkit.errors import ArgumentError, LayerkitError
from layerkit.interfaces.callback import FitView
from tests.callbacks.conftest import Data, MakeTrainer


class Look(Callback):
    """Reads a file after each epoch, while it is being written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[int] = []

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        self.lines.append(len(self.path.read_text(encoding="utf-8").splitlines()))


def test_json_lines_are_the_history(make_trainer: MakeTrainer, data: Data, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    history = make_trainer().fit(data, epochs=3, validation=data, callbacks=[JsonLines(path)])
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == history.records


def test_the_csv_log_is_the_history(make_trainer: MakeTrainer, data: Data, tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    history = make_trainer().fit(data, epochs=3, validation=data, callbacks=[CsvLog(str(path))])
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [{name: float(value) for name, value in row.items()} for row in rows] == history.records


@pytest.mark.parametrize(("kind", "extra"), [(JsonLines, 0), (CsvLog, 1)])
def test_each_epoch_is_in_the_file_at_once(
    make_trainer: MakeTrainer, data: Data, tmp_path: Path, kind: type[JsonLines | CsvLog], extra: int
) -> None:
    path = tmp_path / "log"
    look = Look(path)
    make_trainer().fit(data, epochs=3, callbacks=[kind(path), look])
    assert look.lines == [1 + extra, 2 + extra, 3 + extra]


@pytest.mark.parametrize(("kind", "extra"), [(JsonLines, 0), (CsvLog, 1)])
def test_a_second_fit_goes_on_and_what_is_newer_than_a_checkpoint_is_replaced(
    make_trainer: MakeTrainer, data: Data, tmp_path: Path, kind: type[JsonLines | CsvLog], extra: int
) -> None:
    path = tmp_path / "log"
    trainer = make_trainer()
    trainer.fit(data, epochs=2, callbacks=[kind(path)])
    early = trainer.state()
    trainer.fit(data, epochs=2, callbacks=[kind(path)])
    assert len(path.read_text(encoding="utf-8").splitlines()) == 4 + extra

    again = make_trainer()
    again.restore(early)
    again.fit(data, epochs=1, callbacks=[kind(path)])
    assert len(path.read_text(encoding="utf-8").splitlines()) == 3 + extra


def test_measures_that_come_later_get_a_column(make_trainer: MakeTrainer, data: Data, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    trainer = make_trainer()
    trainer.fit(data, epochs=1, callbacks=[CsvLog(path)])
    trainer.fit(data, epochs=1, validation=data, callbacks=[CsvLog(path)])
    with path.open(newline="", encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    assert first["validation_cost"] == ""
    assert float(second["validation_cost"]) == trainer.history.records[1]["validation_cost"]
    assert list(first) == ["epoch", "cost", "seconds", "validation_cost", "validation_mean_squared_error"]


def test_numbers_that_are_not_finite_are_null(make_trainer: MakeTrainer, data: Data, tmp_path: Path) -> None:
    class Spoil(Callback):
        def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
            record["cost"] = float("nan")

    path = tmp_path / "history.jsonl"
    make_trainer().fit(data, epochs=1, callbacks=[Spoil(), JsonLines(path)])
    assert json.loads(path.read_text(encoding="utf-8"))["cost"] is None


@pytest.mark.parametrize("kind", [JsonLines, CsvLog])
@pytest.mark.parametrize("place", ["missing/log", "."])
def test_a_path_that_cannot_be_written_is_refused_before_the_first_step(
    make_trainer: MakeTrainer, data: Data, tmp_path: Path, kind: type[JsonLines | CsvLog], place: str
) -> None:
    trainer = make_trainer()
    with pytest.raises(ArgumentError, match=rf"{kind.__name__}: path .* cannot be written: .*; give a path"):
        trainer.fit(data, epochs=1, callbacks=[kind(tmp_path / place)])
    assert trainer.history.records == []


@pytest.mark.parametrize("kind", [JsonLines, CsvLog])
def test_something_that_is_no_path_is_refused(kind: type[JsonLines | CsvLog]) -> None:
    with pytest.raises(ArgumentError, match="path must be a str object, got 3"):
        kind(3)  # type: ignore[arg-type]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_told_and_training_can_go_on(make_trainer: MakeTrainer, data: Data) -> None:
    trainer = make_trainer()
    with pytest.raises(LayerkitError, match=r"JsonLines: writing '/dev/full' failed: No space left"):
        trainer.fit(data, epochs=3, callbacks=[JsonLines("/dev/full")])
    assert len(trainer.history) == 1
    trainer.fit(data, epochs=2)
    assert trainer.history["epoch"] == [1, 2, 3]
