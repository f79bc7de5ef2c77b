"""What tests of commands that share a search have in common."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.tuning.searches import FILE

# modules are collected where Optuna is missing, too
optuna: Any = pytest.importorskip("optuna")

TRIALS = 8


class Sharing:
    """Commands that share the search of one file in one storage."""

    def __init__(self, folder: Path, storage: str) -> None:
        self.folder = folder
        self.storage = storage
        self._count = 0
        # trials that take a second, so that one can be ended in its middle
        longer = FILE.replace("epochs = 2", "epochs = 40").replace("final_seeds = 1", "final_seeds = 2")
        (folder / "mine.toml").write_text(longer)

    @contextmanager
    def command(self, *options: object, way: str = "--join") -> Iterator[subprocess.Popen[str]]:
        """A command; its errors are in ``err``, and what it found in ``found-N.json``, by the order of beginning."""
        asked = ["tune", "mine.toml", "--jobs", "1", "--storage", self.storage, way]
        if not {"--trials"} & set(options):
            asked += ["--trials", str(TRIALS)]
        report = ["--json", f"found-{self._count}.json"]
        self._count += 1
        arguments = [sys.executable, "-m", "layerkit", *filter(None, asked), *report, *map(str, options)]
        with subprocess.Popen(
            arguments, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as started:
            try:
                yield started
            finally:
                started.kill()

    def found(self, number: int) -> dict[str, Any]:
        """What a command found, but for times."""
        found: dict[str, Any] = json.loads((self.folder / f"found-{number}.json").read_text())
        for trial in found["trials"]:
            del trial["seconds"]
        return found

    def trials(self, study: str = "mine") -> list[Any]:
        """The trials in the storage; none where there is no study yet."""
        url = self.storage if "://" in self.storage else f"sqlite:///{self.folder / self.storage}"
        try:
            database = optuna.storages.RDBStorage(url)
        except Exception:
            # the tables themselves are not finished
            return []
        try:
            return list(optuna.load_study(study_name=study, storage=database).get_trials())
        except KeyError:
            return []
        finally:
            database.engine.dispose()

    def until(self, condition: Callable[[list[Any]], bool], command: subprocess.Popen[str]) -> list[Any]:
        """The trials, as soon as something is true of them."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and command.poll() is None:
            if (self.folder / self.storage).exists() or "://" in self.storage:
                trials = self.trials()
                if condition(trials):
                    return trials
            time.sleep(0.05)
        command.kill()
        raise AssertionError(f"it never became true: {command.communicate()[1]}")

    def check_ended(self, *numbers: int) -> dict[str, Any]:
        """What all these commands found, which is the same: every trial once, and the winner trained once a seed."""
        one, *others = (self.found(number) for number in numbers)
        assert all(other == one for other in others)
        assert [trial["number"] for trial in one["trials"]] == list(range(TRIALS))
        assert {trial["state"] for trial in one["trials"]} == {"complete"}
        kept = [trial for trial in self.trials() if trial.state.name == "COMPLETE"]
        assert [trial.number for trial in kept] == list(range(TRIALS))
        assert [trial.value for trial in kept] == [trial["value"] for trial in one["trials"]]
        finals = self.trials(f"mine, winner {one['best']['number']}")
        done = [trial.value for trial in finals if trial.state.name == "COMPLETE"]
        assert done == [run["accuracy"] for run in one["test"]["runs"]]
        assert len(done) == 2
        return one


def running(trials: list[Any]) -> bool:
    """Whether one is under way after at least one that has ended."""
    return any(trial.state.name == "RUNNING" and trial.params for trial in trials) and any(
        trial.state.is_finished() for trial in trials
    )
