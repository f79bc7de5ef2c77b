from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from layerkit import Callback, JsonLines
from layerkit.interfaces.callback import FitView
from tests.callbacks.conftest import Data, MakeTrainer


def test_its_lines_are_the_history(make_trainer: MakeTrainer, data: Data, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    history = make_trainer().fit(data, epochs=3, validation=data, callbacks=[JsonLines(path)])
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == history.records


def test_numbers_that_are_not_finite_are_null(make_trainer: MakeTrainer, data: Data, tmp_path: Path) -> None:
    class Spoil(Callback):
        def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
            record["cost"] = float("nan")

    path = tmp_path / "history.jsonl"
    make_trainer().fit(data, epochs=1, callbacks=[Spoil(), JsonLines(path)])
    assert json.loads(path.read_text(encoding="utf-8"))["cost"] is None
