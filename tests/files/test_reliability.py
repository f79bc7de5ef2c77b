"""The suite of promises, in its quick form; `python -m benchmarks.reliability` tries each of them far more often."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.reliability.__main__ import PARTS

ROOT = Path(__file__).resolve().parents[2]


NEEDS_OPTUNA = "searches"
LONG = {"resumes", "growth", "interruptions", "healthy", "hostile", "sick"}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.thorough] if name in LONG else [])
        for name in sorted(PARTS.keys() - {NEEDS_OPTUNA})
    ],
)
def test_a_promise_is_kept(name: str, tmp_path: Path) -> None:
    kept(name, tmp_path / "report.json", "--quick", "--seed", "1")


@pytest.mark.extra
def test_searches_that_are_killed_come_to_the_same_end(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    kept(NEEDS_OPTUNA, tmp_path / "report.json", "--quick", "--seed", "1")


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["amplified", "forged_state", "interruptions", "resumes"])
def test_it_is_also_where_much_is_compiled(name: str, tmp_path: Path) -> None:
    kept(name, tmp_path / "report.json", "--count", str(3 * PARTS[name][1]), "--seed", "2")


def kept(name: str, report: Path, *options: str) -> None:
    command = [sys.executable, "-W", "error", "-m", "benchmarks.reliability", name, *options]
    # the suite forks, which is sound only in a process without threads: a new one, whose BLAS starts none
    result = subprocess.run(
        [*command, "--json", str(report)],
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    told = json.loads(report.read_text())["parts"][name]
    assert told["tried"] >= PARTS[name][1]
    assert told["failures"] == 0
