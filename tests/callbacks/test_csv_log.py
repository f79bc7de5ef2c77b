from __future__ import annotations

import csv
from pathlib import Path

from layerkit import CsvLog
from tests.callbacks.conftest import Data, MakeTrainer


def test_its_rows_are_the_history(make_trainer: MakeTrainer, data: Data, tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    history = make_trainer().fit(data, epochs=3, validation=data, callbacks=[CsvLog(str(path))])
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [{name: float(value) for name, value in row.items()} for row in rows] == history.records


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
