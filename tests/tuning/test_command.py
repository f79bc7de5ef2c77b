from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from layerkit.cli.main import main
from tests.experiments.small import SMALL
from tests.tuning.searches import FILE

pytestmark = pytest.mark.extra
pytest.importorskip("optuna")

COMMAND = [sys.executable, "-m", "layerkit", "tune"]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(FILE)
    return path


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exited:
        main([str(each) for each in arguments])
    code = exited.value.code
    assert isinstance(code, int)
    return code


def test_a_search_prints_a_line_a_trial_and_the_winner(
    mine: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    best, report, page = tmp_path / "best.toml", tmp_path / "report.json", tmp_path / "report.html"
    assert run("tune", mine, "--jobs", 2, "--save", best, "--json", report, "--report", page) == 0
    assert page.read_text().startswith("<!doctype html>")
    out = capsys.readouterr().out.splitlines()
    assert out[0] == (
        "mine: 4 trials by tpe, rounds of 2, seed 0; chosen: optimizer.learning_rate, layers.2, layers.2.units"
    )
    assert sum(line.startswith("trial ") for line in out) == 4
    found: dict[str, Any] = json.loads(report.read_text())
    assert [trial["number"] for trial in found["trials"]] == [0, 1, 2, 3]
    number = found["best"]["number"]
    assert f"best: trial {number}, validation accuracy {found['best']['value']:.4g}" in out
    assert any(
        line.startswith(f"test accuracy, trained on all training data: {found['test']['median']:.4f}") for line in out
    )
    json_of_run = tmp_path / "run.json"
    assert run("run", best, "--quiet", "--json", json_of_run) == 0
    assert json.loads(json_of_run.read_text())["test_accuracy"] == found["test"]["median"]


def test_of_a_grid_it_is_said_how_much_is_tried(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine.write_text(
        mine.read_text().partition("[search.space]")[0] + '[search.space]\n"epochs" = { low = 1, high = 5 }\n'
    )
    assert run("tune", mine, "--jobs", 1, "--sampler", "grid", "--trials", 2) == 0
    assert capsys.readouterr().out.startswith("mine: 2 of 5 trials by grid, rounds of 2")


def test_a_line_says_where_a_trial_was_pruned(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("tune", mine, "--trials", 2, "--jobs", 1, "--pruner", "halving") == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("trial ")]
    [pruned] = [words for words in lines if words[2] == "pruned"]
    assert pruned[3] == "at"
    [complete] = [words for words in lines if words[2] != "pruned"]
    assert float(complete[2]) >= float(pruned[4])


def test_trials_run_by_the_engine_that_is_named(mine: Path, tmp_path: Path) -> None:
    best = tmp_path / "best.toml"
    assert run("tune", mine, "--quiet", "--trials", 1, "--jobs", 1, "--engine", "auto", "--save", best) == 0
    assert 'engine = "auto"' in best.read_text()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a search finds that nobody disturbs."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "mine.toml").write_text(FILE)
    assert run("tune", folder / "mine.toml", "--quiet", "--jobs", 1, "--json", folder / "whole.json") == 0
    return folder / "whole.json"


def test_an_interrupted_search_goes_on_to_the_same_end(mine: Path, whole: Path, tmp_path: Path) -> None:
    part, report = tmp_path / "part.db", tmp_path / "part.json"
    kept = [*COMMAND, str(mine), "--jobs", "1", "--storage", str(part)]
    with subprocess.Popen(kept, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as command:
        assert command.stdout is not None
        next(line for line in command.stdout if line.startswith("trial"))
        command.send_signal(signal.SIGINT)
        _, err = command.communicate(timeout=60)
    assert command.returncode == 130
    assert "It can go on, with --resume." in err
    assert run("tune", mine, "--quiet", "--jobs", 2, "--storage", part, "--resume", "--json", report) == 0
    one, other = (json.loads(path.read_text()) for path in (whole, report))
    for trial in (*one["trials"], *other["trials"]):
        del trial["seconds"]
    assert other == one


def test_a_killed_search_goes_on_to_the_same_end(mine: Path, whole: Path, tmp_path: Path) -> None:
    part, report = tmp_path / "part.db", tmp_path / "part.json"
    kept = [*COMMAND, str(mine), "--jobs", "1", "--storage", str(part)]
    with subprocess.Popen(kept, stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout is not None
        next(line for line in command.stdout if line.startswith("trial"))
        command.kill()
    assert run("tune", mine, "--quiet", "--jobs", 1, "--storage", part, "--resume", "--json", report) == 0
    one, other = (json.loads(path.read_text()) for path in (whole, report))
    for trial in (*one["trials"], *other["trials"]):
        del trial["seconds"]
    assert other == one


def test_on_a_terminal_a_table_shows_how_it_goes(mine: Path) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen([*COMMAND, str(mine), "--jobs", "1"], stdout=theirs, stderr=theirs, env=environment):
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:
                break
            if not piece:
                break
            shown += piece
    os.close(ours)
    text = shown.decode(errors="replace")
    assert "of 4 trials ended, 0 pruned, 0 failed" in text
    assert "best: trial" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["xor"], "is a program, and what can be tuned is an experiment"),
        (["digits", "--resume"], "--resume: say where the search is kept"),
        (["digits", "--join"], "--join: say where the search is kept that commands share"),
        (["digits", "--join", "--resume", "--storage", "x.db"], "leave out one"),
        (["digits", "--time-limit", "soon"], "--time-limit must be a time"),
        (["digits", "--jobs", "0"], "--jobs must be at least 1"),
        (["digits", "--trials", "0"], "--trials: Search: trials must be an integer of at least 1"),
        (["digits", "--sampler", "best"], "--sampler: Search: sampler must be one of 'tpe', 'random'"),
        (["digits", "--metric", "acuracy"], "Did you mean 'accuracy'"),
        (["digits", "--engine", "nunba"], "--engine: there is no engine named 'nunba'"),
        (["digits", "--sampler", "grid"], "'grid' goes through values"),
        (["digits", "--save", "/"], "--save: / cannot be written"),
    ],
)
def test_wrong_usage_is_one_error(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("tune", *arguments) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("space", "search", "message"),
    [
        ("", "", "the space of the search is empty: name what is chosen"),
        ('"layers.9.units" = { low = 1, high = 3 }', "", "the list layers has the places 0 to 3"),
        ('"optimizer.momentun" = { low = 0.1, high = 0.3 }', "", "Did you mean 'momentum'?"),
        ('"optimizer.learning_rate" = { low = -1.0, high = 3.0 }', "", "learning_rate must be a finite number"),
        (
            '"optimizer" = { values = ["gradient-descent", "adam"] }\n"optimizer.momentum" = { low = 0.0, high = 0.9 }',
            "",
            "optimizer has no 'momentum'. It has: learning_rate, beta1, beta2, epsilon: choose it only when",
        ),
        (
            '"training.batch_size" = { values = [8, 16] }',
            "validation_fraction = 0.001",
            "rows are too few to keep 0.001 of them to judge by: give more rows",
        ),
    ],
)
def test_a_search_that_cannot_be_is_one_error(
    space: str, search: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.toml").write_text(
        f"{SMALL}training_examples = 100\n[search]\n{search}\n[search.space]\n{space}\n"
    )
    assert run("tune", tmp_path / "mine.toml", "--quiet", "--jobs", 1) in (1, 2)
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
