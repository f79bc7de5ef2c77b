"""The benchmark's command, on the smallest of what it measures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.environment import child_environment

ROOT = Path(__file__).resolve().parent.parent.parent


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    environment = os.environ | {"COLUMNS": "120", "NO_COLOR": "1"} | variables
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.thorough
def test_it_compares_results_times_steps_and_writes_json(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    names = ("--only", "numpy_loop,gemm_floor,layerkit", "--cases", "784-30-10/10", "--parts", "steps,inference")
    done = run("--quick", "--rounds", "2", *names, "--json", str(report))
    assert done.returncode == 0, done.stderr
    assert "784-30-10/10" in done.stdout

    written = json.loads(report.read_text(encoding="utf-8"))
    rows = {row["contender"]: row for row in written["steps"]}
    assert rows["numpy_loop"]["ratio"] == 1
    assert rows["layerkit"]["result"] == "agrees"
    assert rows["gemm_floor"]["result"] == "a floor"
    assert all(len(row["rounds"]) == 2 and row["microseconds"] > 0 for row in rows.values())
    assert {row["contender"] for row in written["inference"] if "absent" in row} == {"gemm_floor"}


def test_a_contender_that_cannot_run_here_is_said_to_be_absent_with_the_reason(tmp_path: Path) -> None:
    names = ("--parts", "steps", "--cases", "784-30-10/10", "--only", "c_floor")
    done = run("--quick", *names, PATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "absent: there is no C compiler" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--only", "tensorflaw"), "numpy_loop"),
        (("--cases", "1-2/3"), "784-30-10/10"),
        (("--parts", "speed"), "startup"),
        (("--threads", "one"), "whole numbers"),
        (("--data-dir", "nowhere"), "train-images-idx3-ubyte"),
    ],
)
def test_a_wrong_argument_is_refused_with_what_there_is(arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_children_choose_their_own_kernels_and_are_told_how_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    environment = child_environment(2)
    assert "OPENBLAS_CORETYPE" not in environment
    assert environment["OPENBLAS_NUM_THREADS"] == environment["OMP_NUM_THREADS"] == "2"
