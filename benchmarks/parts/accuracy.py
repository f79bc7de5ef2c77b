"""The time from a cold start, imports and compilation included, to an accuracy on MNIST's test images."""

from __future__ import annotations

import statistics
import time
from typing import Any

from rich.table import Table

from benchmarks.cases import ACCURACY_CASE
from benchmarks.contender import RefusedError
from benchmarks.process import Process
from benchmarks.settings import Settings

_TARGETS = (0.95, 0.97)
_EPOCHS = 20
_LOOKS_AN_EPOCH = 5


def measure(settings: Settings) -> list[dict[str, Any]]:
    """One row a contender: the median seconds to each target, ``None`` where it was not reached."""
    if not settings.real_data:
        return []
    found: dict[str, list[list[float]]] = {}
    rows: dict[str, dict[str, Any]] = {}
    for number in range(settings.processes):
        for name in settings.contenders:
            row = rows.setdefault(name, {"contender": name, "network": ACCURACY_CASE.name})
            if "absent" in row:
                continue
            settings.say(f"cold start to {_TARGETS[-1]:.0%}: {name}, {number + 1} of {settings.processes}")
            try:
                found.setdefault(name, []).append(_cold_start(name, settings))
            except RefusedError as refusal:
                row["absent"] = str(refusal)
    for name, row in rows.items():
        if "absent" not in row:
            for index, target in enumerate(_TARGETS):
                times = [run[index] for run in found[name] if index < len(run)]
                row[f"seconds_to_{target:.0%}"] = statistics.median(times) if times else None
    return list(rows.values())


def _cold_start(name: str, settings: Settings) -> list[float]:
    started = time.time()
    with Process(name, ACCURACY_CASE, settings.folder, threads=1) as process:
        answer = process.ask("learn", targets=list(_TARGETS), epochs=_EPOCHS, parts=_LOOKS_AN_EPOCH)
    return [moment - started for moment in answer["reached"]]


def table(rows: list[dict[str, Any]]) -> Table:
    """The rows as a person reads them."""
    shown = Table(title=f"{ACCURACY_CASE.name} on MNIST, one thread: seconds from a cold start to a test accuracy")
    shown.add_column("contender")
    for target in _TARGETS:
        shown.add_column(f"{target:.0%}", justify="right")
    for row in rows:
        if "absent" not in row:
            times = [row[f"seconds_to_{target:.0%}"] for target in _TARGETS]
            shown.add_row(row["contender"], *(f"{seconds:.1f}" if seconds else "never" for seconds in times))
    if not rows:
        shown.caption = "Not measured: needs MNIST (--data-dir, or the environment variable LAYERKIT_TEST_DATA)."
    return shown
