from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from layerkit.cli.main import main
from layerkit.errors import SearchError
from layerkit.tuning import tune_experiment
from layerkit.tuning.here import Here
from tests.tuning.searches import search_of, small, told

pytestmark = pytest.mark.extra
pytest.importorskip("optuna")
pytest.importorskip("distributed")

Cluster = tuple[str, list["subprocess.Popen[bytes]"]]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """The address of a scheduler on loopback, and its two workers."""
    place = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    scheduler = subprocess.Popen(
        [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", place],
        **quiet,
    )
    workers: list[subprocess.Popen[bytes]] = []
    try:
        deadline = time.monotonic() + 60
        while not (place.exists() and place.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.1)
        address = json.loads(place.read_text())["address"]
        workers += (
            subprocess.Popen([*dask, "worker", address, "--no-nanny", "--nthreads", "1", "--no-dashboard"], **quiet)
            for _ in range(2)
        )
        yield address, workers
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


class Kills:
    """Kills workers of the cluster when the first trial has ended."""

    def __init__(self, *workers: subprocess.Popen[bytes]) -> None:
        self._workers = workers
        self.numbers: list[int] = []

    def began(self, objective: Any) -> None:
        pass

    def drawn(self, number: int, params: Mapping[str, Any]) -> None:
        pass

    def ended(self, outcome: Any) -> None:
        if not self.numbers:
            for worker in self._workers:
                worker.kill()
        self.numbers.append(outcome.number)


def test_a_cluster_gives_the_same_trials_though_a_worker_is_killed_and_says_when_all_are(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    from layerkit.tuning.dask_workers import DaskWorkers

    address, processes = cluster
    watcher = Kills(processes[0])
    search = search_of(final_seeds=1)
    with closing(DaskWorkers(address)) as workers:
        workers._client.wait_for_workers(2, timeout=60)
        found = tune_experiment(small(), search, workers=workers, watcher=watcher)
    assert told(found) == told(tune_experiment(small(), search, workers=Here()))
    # none lost, none counted twice
    assert sorted(watcher.numbers) == list(range(6))
    monkeypatch.setattr("layerkit.tuning.dask_workers._ABSENCE", 0.1)
    monkeypatch.setattr("layerkit.tuning.dask_workers._BETWEEN", 0.1)
    watcher = Kills(processes[1])
    with closing(DaskWorkers(address)) as workers, pytest.raises(SearchError, match=r"no worker for 0 s: start some"):
        tune_experiment(small(), search, workers=workers, watcher=watcher)


def test_a_study_on_digits_is_the_same_alone_in_two_processes_and_on_two_workers(
    cluster: Cluster, tmp_path: Path
) -> None:
    """By the command, with the usual space of the example."""
    address, _ = cluster
    told: list[dict[str, Any]] = []
    for where in (["--jobs", "1"], ["--jobs", "2"], ["--scheduler", address]):
        report = tmp_path / f"{len(told)}.json"
        with pytest.raises(SystemExit) as exited:
            main(["tune", "digits", "--quiet", "--trials", "10", "--epochs", "2", *where, "--json", str(report)])
        assert exited.value.code == 0
        found = json.loads(report.read_text())
        for trial in found["trials"]:
            del trial["seconds"]
        told.append(found)
    alone, in_processes, on_workers = told
    assert len(alone["trials"]) == 10
    assert alone["best"] is not None
    assert len(alone["test"]["runs"]) == 5
    assert in_processes == alone
    assert on_workers == alone


def test_a_scheduler_that_does_not_answer_is_one_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from layerkit.tuning import dask_workers

    monkeypatch.setattr(dask_workers, "_PATIENCE", 0.2)
    with pytest.raises(SystemExit) as exited:
        main(["tune", "digits", "--scheduler", "tcp://127.0.0.1:1"])
    assert exited.value.code == 1
    assert "no cluster of Dask with workers answers at tcp://127.0.0.1:1" in capsys.readouterr().err


def test_dask_that_is_not_installed_says_how_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    from layerkit.tuning.dask_workers import DaskWorkers

    monkeypatch.setattr("layerkit.tuning.needed.find_spec", lambda name: None)
    with pytest.raises(SearchError, match=r"pip install .layerkit\[dask\]"):
        DaskWorkers("tcp://127.0.0.1:1")
