"""Standardised targets, class weights and metrics on training data, from an experiment's file to what is saved."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.conftest import Command

REGRESSION = """
dataset = { component = "friedman", rows = 400 }
layers = ["standardize", { component = "dense", units = 8, activation = "tanh" }, { component = "dense", units = 1 }]
cost = "quadratic"
optimizer = { component = "adam", learning_rate = 0.01 }
metrics = ["mean-squared-error"]
[training]
epochs = 3
"""
SCALED = REGRESSION + "standardize_targets = true\ntraining_metrics = true\n"
CLASSES = """
dataset = { component = "blobs", counts = [95, 5] }
layers = [{ component = "dense", units = 2 }]
cost = "cross-entropy"
optimizer = "adam"
metrics = ["accuracy"]
[training]
epochs = 2
"""


def written(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text)
    return str(path)


def test_errors_are_in_the_targets_own_units_everywhere(layerkit: Command, tmp_path: Path) -> None:
    model, report = str(tmp_path / "model.safetensors"), tmp_path / "report.json"
    result = layerkit("run", written(tmp_path, SCALED), "--save", model, "--json", str(report))
    assert result.code == 0, result.err
    assert "training mean squared error" in result.out
    assert "standardised targets" in result.out
    assert "scale" not in result.err
    told = json.loads(report.read_text())
    assert told["settings"]["training"]["standardize_targets"] is True
    assert told["settings"]["training"]["training_metrics"] is True
    assert {"training_cost", "training_mean_squared_error", "test_cost"} <= set(told["epochs"][-1])
    error = told["test_mean_squared_error"]
    assert told["test_cost"] < 2 < error

    data = '{ component = "friedman", rows = 400 }'
    for options in ((), ("--cost", "quadratic")):
        measured = json.loads(
            layerkit("evaluate", model, data, "--metric", "mean-squared-error", "--json", *options).out
        )
        assert measured["mean_squared_error"] == pytest.approx(error)
        assert measured["cost"] == pytest.approx(told["test_cost"])
    predictions = tmp_path / "predictions.csv"
    assert layerkit("predict", model, data, "--output", str(predictions)).code == 0
    with predictions.open() as file:
        header = file.readline().strip()
        file.seek(0)
        values = np.array([float(row[header]) for row in csv.DictReader(file)])
    assert 100 < values.mean() < 1000
    assert "unstandardize" in layerkit("inspect", model).out


def test_a_resumed_run_ends_as_one_that_never_stopped(layerkit: Command, tmp_path: Path) -> None:
    mine = written(tmp_path, SCALED)
    whole, resumed, place = tmp_path / "whole.json", tmp_path / "resumed.json", str(tmp_path / "run")
    assert layerkit("run", mine, "--quiet", "--json", str(whole)).code == 0
    assert layerkit("run", mine, "--quiet", "--epochs", "1", "--checkpoint", place).code == 0
    assert layerkit("run", mine, "--quiet", "--resume", place, "--json", str(resumed)).code == 0
    reports = [json.loads(path.read_text()) for path in (whole, resumed)]
    for name in ("test_cost", "test_mean_squared_error"):
        assert reports[0][name] == reports[1][name]
    refused = layerkit("run", written(tmp_path, REGRESSION + "batch_size = 16\n"), "--quiet", "--resume", place)
    assert refused.code in {1, 2}
    assert "batch_size" in refused.err


@pytest.mark.parametrize(
    ("weights", "told", "stored"),
    [
        ('"balanced"', "class weights balanced", "balanced"),
        ("{ 0 = 1, 1 = 19.5 }", "class weights 0: 1, 1: 19.5", {"0": 1, "1": 19.5}),
    ],
)
def test_class_weights_of_a_file(layerkit: Command, tmp_path: Path, weights: str, told: str, stored: Any) -> None:
    report = tmp_path / "report.json"
    mine = written(tmp_path, CLASSES + f"class_weights = {weights}\n")
    result = layerkit("run", mine, "--json", str(report))
    assert result.code == 0, result.err
    assert told in " ".join(result.out.split())
    assert json.loads(report.read_text())["settings"]["training"]["class_weights"] == stored
    place = str(tmp_path / "run")
    assert layerkit("run", mine, "--quiet", "--epochs", "1", "--checkpoint", place).code == 0
    other = layerkit("run", written(tmp_path, CLASSES + "class_weights = { 0 = 2, 1 = 3 }\n"), "--resume", place)
    assert other.code != 0
    assert "the run that is resumed began with class_weights=" in " ".join(other.err.split())


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('class_weights = "equal"', "training: class_weights must be 'balanced', or a mapping"),
        ("class_weights = { 0 = -1, 1 = 2 }", "class_weights['0'] must be a finite number at least 0, got -1"),
        ("class_weights = { 0 = 1 }", "class_weights lack the class '1'"),
        ("class_weights = { yes = 1 }", "class_weights name 'yes', which is no class"),
        ('standardize_targets = "yes"', "standardize_targets must be True or False, got 'yes'"),
        ("standardize_targets = true", "standardize_targets is for targets that are numbers, and CrossEntropy"),
        ("training_metrics = 1", "training_metrics must be True or False, got 1"),
        ("class_weight = 1", "Did you mean 'class_weights'?"),
    ],
)
def test_settings_that_cannot_be_are_one_error(layerkit: Command, tmp_path: Path, line: str, message: str) -> None:
    result = layerkit("run", written(tmp_path, CLASSES + line + "\n"))
    assert result.code in {1, 2}
    assert message in " ".join(result.err.split())
    assert "Traceback" not in result.err
