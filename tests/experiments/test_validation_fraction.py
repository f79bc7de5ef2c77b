"""A part of the training data is kept apart, and callbacks look at it instead of the test data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import Callback, Dataset, Digits, FitView, Quadratic, Shuffled
from layerkit.cli.main import main
from layerkit.errors import ArgumentError, DataError
from layerkit.experiments import Session
from tests.experiments.conftest import Read
from tests.experiments.small import SMALL

TENTH = SMALL + "validation_fraction = 0.1\n"


class Seen(Callback):
    """Keeps the records that callbacks see."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        self.records.append(dict(record))


def test_it_is_measured_after_each_epoch_and_the_test_data_once(read: Read) -> None:
    session = Session(read(TENTH))
    seen = Seen()
    session.fit(callbacks=[seen])
    validation = session.validation
    assert validation is not None
    assert (len(session.train), len(validation)) == (1294, 144)  # type: ignore[arg-type]
    found = session.trainer.evaluate(validation)
    assert seen.records[-1]["validation_accuracy"] == found["accuracy"]
    assert session.records()[-1]["validation_cost"] == found["cost"]
    assert not any(name.startswith("test_") for name in session.records()[-1])
    assert session.measure()["test_accuracy"] == session.trainer.evaluate(Digits().load("test"))["accuracy"]


def test_all_rows_are_there_once_and_the_same_for_every_seed(read: Read) -> None:
    first, second = (Session(read(TENTH + f"seed = {seed}\n")) for seed in (0, 7))
    for one in (first, second):
        assert one.validation is not None
        rows = np.concatenate([one.train.x, one.validation.x]).reshape(1438, -1)  # type: ignore[union-attr]
        whole = Digits().load("train").x.reshape(1438, -1)
        np.testing.assert_array_equal(rows[np.lexsort(rows.T)], whole[np.lexsort(whole.T)])
    assert first.validation is not None
    assert second.validation is not None
    np.testing.assert_array_equal(first.validation.x, second.validation.x)


def test_without_it_callbacks_see_the_test_data(read: Read) -> None:
    session = Session(read(SMALL))
    session.fit()
    assert session.validation is None
    assert "test_accuracy" in session.records()[-1]


@pytest.mark.parametrize("fraction", ["0", "1", "1.5", "true", '"much"'])
def test_what_is_no_fraction_is_refused(read: Read, fraction: str) -> None:
    with pytest.raises(ArgumentError, match="validation_fraction must be a finite number above 0 and below 1"):
        read(SMALL + f"validation_fraction = {fraction}\n")


def test_too_few_rows_are_told(read: Read) -> None:
    with pytest.raises(DataError, match="another validation_fraction"):
        Session(read(SMALL + "validation_fraction = 0.1\ntraining_examples = 3\n"))


def test_a_stream_has_no_rows_to_keep_apart(read: Read) -> None:
    class Streams(Dataset):
        splits = ("train", "test")

        def load(self, split: str) -> Any:
            examples = Digits().load(split)
            return Shuffled(lambda: iter([(examples.x, examples.y)]), buffer=10) if split == "train" else examples

    experiment = read(TENTH).with_settings(dataset=Streams(), cost=Quadratic())
    with pytest.raises(ArgumentError, match="validation_fraction keeps rows of arrays apart"):
        Session(experiment)


def test_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = ["--epochs", "2", "--validation-fraction", "0.2", "--callback", "early-stopping"]
    with pytest.raises(SystemExit) as left:
        main(["run", "digits", *options, "--json", "report.json", "--checkpoint", "run"])
    assert not left.value.code
    shown = capsys.readouterr().out
    assert "1,150 training, 288 validation and 359 test examples" in shown
    assert "validation accuracy" in shown
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["settings"]["training"]["validation_fraction"] == 0.2
    assert "validation_accuracy" in report["epochs"][-1]
    with pytest.raises(SystemExit) as left:
        main(["run", "digits", "--epochs", "3", "--resume", "run"])
    assert left.value.code
    assert "is not what the run that is resumed began with" in capsys.readouterr().err
