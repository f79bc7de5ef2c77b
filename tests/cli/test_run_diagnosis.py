"""`layerkit run` says why a network does not learn."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command

SICK = ("run", "digits", "--learning-rate", "1e-7", "--epochs", "4")
RAW = """
dataset = "digits"
layers = ["flatten", { component = "rescale", scale = 20.0 }, { component = "dense", units = 10 }]
cost = "cross-entropy"
optimizer = { component = "gradient-descent", learning_rate = 1e-6 }
metrics = ["accuracy"]

[training]
epochs = 1
"""


def test_a_finding_is_a_line_when_it_is_made_and_one_at_the_end(layerkit: Command, tmp_path: Path) -> None:
    result = layerkit(*SICK, "--json", str(tmp_path / "report.json"))
    assert result.code == 0
    [line] = [line for line in result.err.splitlines() if line.startswith("Warning: ")]
    assert line.startswith("Warning: flat: the cost stays at ")
    assert "diagnosis: flat in the network, after epoch 3" in result.out
    told = json.loads((tmp_path / "report.json").read_text())["diagnosis"]
    assert told["warnings"] == []
    assert [(finding["name"], finding["layer"], finding["epoch"]) for finding in told["findings"]] == [
        ("flat", "the network", 3)
    ]


@pytest.mark.parametrize("silence", [["flat"], ["all"], ["scale", "flat"]])
def test_it_is_switched_off_by_name(layerkit: Command, silence: list[str]) -> None:
    result = layerkit(*SICK, *(word for name in silence for word in ("--silence", name)))
    assert result.code == 0
    assert "Warning" not in result.err
    assert "diagnosis" not in result.out


def test_what_is_known_before_the_first_step_is_a_line(layerkit: Command, tmp_path: Path) -> None:
    (tmp_path / "raw.toml").write_text(RAW)
    result = layerkit("run", str(tmp_path / "raw.toml"), "--json", str(tmp_path / "report.json"))
    assert result.code == 0
    [line] = result.err.splitlines()
    assert line.startswith("Warning: scale: features reach layer 2 (Dense) unscaled")
    assert json.loads((tmp_path / "report.json").read_text())["diagnosis"]["warnings"] == ["scale"]
    assert layerkit("run", str(tmp_path / "raw.toml"), "--silence", "scale").err == ""


def test_a_healthy_run_says_nothing(layerkit: Command) -> None:
    result = layerkit("run", "digits")
    assert result.code == 0
    assert result.err == ""
    assert "diagnosis" not in result.out


def test_an_experiment_may_have_its_own(layerkit: Command, tmp_path: Path) -> None:
    result = layerkit(*SICK, "--callback", '{ component = "diagnosis", silence = ["flat"] }')
    assert result.code == 0
    assert "Warning" not in result.err


def test_a_name_that_is_none_is_refused_before_training(layerkit: Command) -> None:
    result = layerkit("run", "digits", "--silence", "nonsense")
    assert result.code == 2
    assert "--silence" in result.err
    assert "'nonsense'" in result.err
    assert "epoch" not in result.out


def test_python_files_take_no_silence(layerkit: Command, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("print('ran')\n")
    result = layerkit("run", str(tmp_path / "mine.py"), "--silence", "all")
    assert result.code == 2
    assert "--silence" in result.err
