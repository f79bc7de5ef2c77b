"""Searches whose workers, and whose own process, are killed at any moment, and which are gone on with."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.reliability.outcome import Outcome

PROMISE = "kill -9 of a search and of its workers, then --resume: no trial lost, none counted twice, the same winner"

_EXPERIMENT = """
dataset = "digits"
layers = ["flatten", { component = "rescale", scale = 0.0625 }, { component = "dense", units = 10 }]
cost = "cross-entropy"
optimizer = { component = "adam", learning_rate = 0.01 }
metrics = ["accuracy"]

[training]
epochs = 4

[search]
trials = 24
round = 6
final_seeds = 1
pruner = "median"

[search.space]
"optimizer.learning_rate" = { low = 0.0001, high = 0.1, log = true }
"training.batch_size" = { values = [8, 16, 32] }
"""
_WORKER_KILLS = 2
"""Of one command: a trial whose process is killed three times counts as failed."""


def run(count: int, seed: int, folder: Path) -> Outcome:
    """Kill so often, over as many searches as that takes, and compare each that comes to its end with one in peace."""
    chance = random.Random(seed)
    outcome = Outcome()
    if find_spec("optuna") is None:
        outcome.count("left out: optuna is not installed")
        return outcome
    (folder / "experiment.toml").write_text(_EXPERIMENT)
    began = time.monotonic()
    with _command(folder, None) as command:
        if command.wait() != 0:
            outcome.fail("without a kill", _said(folder))
            return outcome
    wanted, longest = _told(folder), time.monotonic() - began
    while outcome.tried < count:
        storage = folder / "storage"
        storage.mkdir()
        _one_search(count, chance, folder, storage / "search.db", wanted, longest, outcome)
        shutil.rmtree(storage)
    return outcome


def _one_search(
    count: int,
    chance: random.Random,
    folder: Path,
    storage: Path,
    wanted: dict[str, Any],
    longest: float,
    outcome: Outcome,
) -> None:
    kept = 0
    while True:
        before = _ended(storage)
        if before < kept:
            outcome.fail("lost", f"{kept} trials had ended, {before} are there")
        kept = before
        with _command(folder, storage) as command:
            workers = _WORKER_KILLS
            while outcome.tried < count and command.poll() is None:
                with suppress(subprocess.TimeoutExpired):
                    command.wait(chance.uniform(0.05, 1.0) * longest)
                if command.poll() is not None:
                    break
                children = _children(command.pid)
                if workers and children and chance.random() < 0.5:
                    workers -= 1
                    outcome.count("a worker killed")
                    with suppress(ProcessLookupError):
                        os.kill(chance.choice(children), signal.SIGKILL)
                else:
                    outcome.count("the command killed")
                    command.kill()
                outcome.tried += 1
            code = command.wait()
        if code == 0:
            break
        if code != -signal.SIGKILL:
            outcome.fail("an error", _said(folder))
            return
    outcome.count("searches that came to their end")
    if (found := _told(folder)) != wanted:
        outcome.fail("another end", f"best {found['best']} of {len(found['trials'])} trials, not {wanted['best']}")


def _command(folder: Path, storage: Path | None) -> subprocess.Popen[bytes]:
    kept = [] if storage is None else ["--storage", str(storage), *(["--resume"] if _begun(storage) else [])]
    arguments = ["tune", "experiment.toml", "--jobs", "2", "--quiet", "--json", "found.json", *kept]
    with (folder / "said").open("wb") as said:
        return subprocess.Popen([sys.executable, "-m", "layerkit", *arguments], cwd=folder, stdout=said, stderr=said)


def _begun(storage: Path) -> bool:
    import optuna

    if not storage.exists():
        return False
    try:
        return bool(optuna.study.get_all_study_names(f"sqlite:///{storage}"))
    except Exception:
        # the tables themselves were not finished
        return False


def _ended(storage: Path) -> int:
    import optuna

    if not _begun(storage):
        return 0
    study = optuna.load_study(study_name="experiment", storage=f"sqlite:///{storage}")
    return sum(trial.state.is_finished() for trial in study.get_trials(deepcopy=False))


def _told(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "found.json").read_text())
    for trial in found["trials"]:
        del trial["seconds"]
    return found


def _said(folder: Path) -> str:
    return (folder / "said").read_text(errors="replace")[-300:]


def _children(process: int) -> list[int]:
    """The workers: not the helper that ``multiprocessing`` starts beside them."""
    found = []
    with suppress(OSError):
        for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
            with suppress(OSError):
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(int(child))
    return found
