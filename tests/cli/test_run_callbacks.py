"""``layerkit run --callback``."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Command

SMALL = ("run", "digits", "--layers", "10")
STOPPING = '{ component = "early-stopping", monitor = "cost", minimum_change = 10.0, patience = 2 }'


def test_a_run_is_stopped_and_says_so(layerkit: Command, tmp_path: Path) -> None:
    log, report = tmp_path / "log.jsonl", tmp_path / "report.json"
    lines = f'{{ component = "json-lines", path = "{log}" }}'
    result = layerkit(*SMALL, "--epochs", "9", "--callback", STOPPING, "--callback", lines, "--json", str(report))
    assert (result.code, result.err) == (0, "")
    assert "callbacks  EarlyStopping(monitor='cost', patience=2, minimum_change=10.0)," in result.out
    assert "stopped: cost has not improved for 2 epochs" in result.out
    assert "target reached" not in result.out
    assert len(log.read_text().splitlines()) == 3
    told = json.loads(report.read_text())
    assert len(told["epochs"]) == 3
    assert told["stop_reason"].startswith("cost has not improved for 2 epochs")
    assert [one["component"] for one in told["settings"]["callbacks"]] == ["early-stopping", "json-lines"]


def test_a_run_that_came_to_its_end_was_not_stopped(layerkit: Command, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    result = layerkit(*SMALL, "--epochs", "1", "--json", str(report))
    assert "stopped" not in result.out
    assert json.loads(report.read_text())["stop_reason"] is None


def test_a_resumed_run_goes_on_with_their_state(layerkit: Command, tmp_path: Path) -> None:
    options = (*SMALL, "--quiet", "--epochs", "9", "--callback", STOPPING.replace("2", "4"))
    whole, resumed = tmp_path / "whole.json", tmp_path / "resumed.json"
    assert layerkit(*options, "--checkpoint", str(tmp_path / "all"), "--json", str(whole)).code == 0
    steps = sorted((tmp_path / "all").iterdir())
    for newer in steps[1:]:
        newer.unlink()
    assert layerkit(*options, "--resume", str(steps[0]), "--json", str(resumed)).code == 0
    one, other = (json.loads(path.read_text()) for path in (whole, resumed))
    assert one["stop_reason"] == other["stop_reason"]
    assert [epoch["cost"] for epoch in one["epochs"]] == [epoch["cost"] for epoch in other["epochs"]]


def test_rates_and_statistics_are_written(layerkit: Command, tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(
        'dataset = "digits"\nlayers = ["flatten", { component = "dense", units = 10 }]\ncost = "cross-entropy"\n'
        'optimizer = "adam"\nmetrics = ["f1"]\n'
        'callbacks = [{ component = "reduce-on-plateau", monitor = "validation_f1" }, { component = "time-limit", '
        f'seconds = 1e6 }}, {{ component = "learning-rate-log", path = "{tmp_path}/rates.csv" }}]\n'
        "[training]\nepochs = 2\n"
    )
    statistics = f'{{ component = "layer-statistics", path = "{tmp_path}/layers.jsonl", every_steps = 20 }}'
    result = layerkit("run", str(tmp_path / "small.toml"), "--quiet", "--silence", "all", "--callback", statistics)
    assert (result.code, result.err) == (0, "")
    assert len((tmp_path / "rates.csv").read_text().splitlines()) == 3
    told = [json.loads(line) for line in (tmp_path / "layers.jsonl").read_text().splitlines()]
    assert [record["step"] for record in told] == [20, 40, 60, 80]
    assert told[0]["1.gradient"] > 0


def test_a_log_does_not_take_the_place_of_the_results(layerkit: Command, tmp_path: Path) -> None:
    log = f'{{ component = "learning-rate-log", path = "{tmp_path}/r.csv" }}'
    result = layerkit(*SMALL, "--callback", log, "--json", str(tmp_path / "r.csv"))
    assert result.code == 2
    assert "is written by --json too" in result.err


def test_an_unknown_name_is_wrong_usage(layerkit: Command) -> None:
    result = layerkit(*SMALL, "--callback", "early-stoping")
    assert result.code == 2
    assert (
        "--callback: early-stoping: there is no callback named 'early-stoping'. Did you mean 'early-stopping'?"
        in result.err
    )


def test_a_program_takes_none(layerkit: Command, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("print('done')")
    result = layerkit("run", str(tmp_path / "program.py"), "--callback", "early-stopping")
    assert result.code == 2
    assert "--callback" in result.err
