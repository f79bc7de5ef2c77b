"""The example ``conv/mnist`` beside PyTorch: seconds for its three epochs, and the accuracy that they reach."""

from __future__ import annotations

import importlib.util
import json
import statistics
import subprocess
import sys
from typing import Any

import numpy as np
from rich.table import Table

from benchmarks.conv.network import BATCH, EPOCHS, FILTERS, UNITS, initial_parameters
from benchmarks.conv.worker import CONTENDERS
from benchmarks.environment import child_environment
from benchmarks.settings import Settings

TOLERANCE = 1e-2
"""How far, relative to the movement of the parameters in a few steps, two contenders may end from each other."""


def measure(settings: Settings) -> list[dict[str, Any]]:
    """One row for each number of threads and contender; each run of all of them has a seed of its own."""
    if not settings.real_data:
        return []
    rows: list[dict[str, Any]] = []
    for threads in settings.threads:
        found: dict[str, dict[str, Any]] = {name: {"threads": threads, "contender": name} for name in CONTENDERS}
        for seed in range(settings.processes):
            for name, row in found.items():
                settings.say(f"conv/mnist, {threads} threads: {name}, {seed + 1} of {settings.processes}")
                _run(name, settings, threads, seed, row)
            _compare(settings, list(found.values()), seed)
        rows += found.values()
    return rows


def _run(name: str, settings: Settings, threads: int, seed: int, row: dict[str, Any]) -> None:
    needed = CONTENDERS[name][1]
    if importlib.util.find_spec(needed) is None:
        row["absent"] = f"not installed: {needed}"
        return
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.conv.worker", name, str(settings.folder), str(threads), str(seed)],
        env=child_environment(threads),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        row["absent"] = f"it failed: {(done.stderr.strip().splitlines() or ['it said nothing'])[-1]}"
        return
    for key, value in json.loads(done.stdout.splitlines()[-1]).items():
        row.setdefault(key, []).append(value)


def _compare(settings: Settings, rows: list[dict[str, Any]], seed: int) -> None:
    """Say how far the contenders are from the first after the same few steps, relative to how far these went."""
    present = [row for row in rows if "absent" not in row]
    if len(present) < 2:
        return
    start = _flat(initial_parameters(seed))
    ends = [_flat(dict(np.load(settings.folder / f"{row['contender']}.npz"))) for row in present]
    for row, end in zip(present, ends, strict=True):
        row["deviation"] = float(np.linalg.norm(end - ends[0]) / np.linalg.norm(ends[0] - start))
        row["result"] = "agrees" if row["deviation"] < TOLERANCE else "differs"


def _flat(parameters: dict[str, Any]) -> Any:
    return np.concatenate([parameters[name].ravel() for name in sorted(parameters)])


def table(rows: list[dict[str, Any]]) -> Table:
    """The rows as a person reads them."""
    network = f"5×5 convolutions of {FILTERS[0]} and {FILTERS[1]} filters, dense {UNITS} and 10, batches of {BATCH}"
    shown = Table(title=f"{EPOCHS} epochs of MNIST: {network}", title_justify="left")
    for heading in ("threads", "contender", "seconds", "of a processor", "test accuracy", "result"):
        shown.add_column(heading, justify="left" if heading in ("contender", "result") else "right")
    for row in rows:
        if "absent" in row:
            shown.add_row(str(row["threads"]), row["contender"], *[""] * 3, f"absent: {row['absent']}")
            continue
        accuracies = [f"{accuracy:.2%}" for accuracy in (min(row["test_accuracy"]), max(row["test_accuracy"]))]
        times = [f"{statistics.median(row[name]):.1f}" for name in ("seconds", "processor_seconds")]
        shown.add_row(
            str(row["threads"]),
            row["contender"],
            *times,
            "–".join(dict.fromkeys(accuracies)),
            row.get("result", "nothing to compare with"),
        )
    if not rows:
        shown.caption = "Not measured: needs MNIST (--data-dir, or the environment variable LAYERKIT_TEST_DATA)."
    return shown
