"""Optuna's dashboard opens a storage that a search was kept in."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

pytestmark = pytest.mark.extra
pytest.importorskip("optuna")
pytest.importorskip("optuna_dashboard")

from layerkit.tuning import tune_experiment  # noqa: E402  (needs Optuna)
from layerkit.tuning.here import Here  # noqa: E402
from tests.tuning.searches import search_of, small  # noqa: E402


@contextmanager
def dashboard(storage: Path) -> Iterator[str]:
    """The address of a dashboard on loopback, ended with the test."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = "import sys; from optuna_dashboard._cli import main; sys.exit(main())"
    options = [f"sqlite:///{storage}", "--host", "127.0.0.1", "--port", str(port), "--server", "wsgiref"]
    with subprocess.Popen(
        [sys.executable, "-c", program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and server.poll() is None:
                with socket.socket() as asking:
                    if asking.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def read(address: str) -> Any:
    with urlopen(address, timeout=30) as answer:
        assert answer.status == 200
        return answer.read()


@pytest.mark.parametrize("join", [False, True])
def test_the_dashboard_shows_a_search_and_its_trials(join: bool, tmp_path: Path) -> None:
    storage = tmp_path / "search.db"
    result = tune_experiment(small(), search_of(), workers=Here(), storage=str(storage), join=join)
    with dashboard(storage) as address:
        studies = json.loads(read(f"{address}/api/studies"))["study_summaries"]
        names = {study["study_name"]: study["study_id"] for study in studies}
        assert result.best is not None
        assert set(names) == {"digits", f"digits, winner {result.best.number}"} if join else {"digits"}
        study = json.loads(read(f"{address}/api/studies/{names['digits']}?after=0"))
        assert [trial["number"] for trial in study["trials"]] == list(range(6))
        assert {trial["state"] for trial in study["trials"]} == {"Complete"}
        assert [trial["values"][0] for trial in study["trials"]] == [outcome.value for outcome in result.outcomes]
        assert b"<title>Optuna Dashboard</title>" in read(f"{address}/dashboard/studies/{names['digits']}")
