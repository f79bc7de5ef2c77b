"""The time of a prediction: one example, and ten thousand at once."""

from __future__ import annotations

import statistics
from contextlib import ExitStack
from typing import Any

from rich.table import Table

from benchmarks.cases import CASES
from benchmarks.contender import RefusedError
from benchmarks.contenders import BASELINE
from benchmarks.process import Process
from benchmarks.settings import Settings

_CASES = (CASES[0], CASES[-1])
_EXAMPLES = (1, 10_000)


def measure(settings: Settings) -> list[dict[str, Any]]:
    """One row for each network, number of examples and contender; one thread."""
    rows: list[dict[str, Any]] = []
    for case in _CASES:
        with ExitStack() as stack:
            ready: dict[str, Process] = {}
            for name in settings.contenders:
                settings.say(f"{case.name}: preparing {name} for prediction")
                try:
                    process = stack.enter_context(Process(name, case, settings.folder, threads=1))
                    process.ask("predict", examples=1, seconds=0.0)
                except RefusedError as refusal:
                    rows.append({"network": _network(case.name), "contender": name, "absent": str(refusal)})
                    continue
                ready[name] = process
            for examples in _EXAMPLES:
                times: dict[str, list[float]] = {name: [] for name in ready}
                for _ in range(settings.rounds):
                    for name, process in ready.items():
                        answer = process.ask("predict", examples=examples, seconds=settings.round_seconds / 3)
                        times[name].append(answer["microseconds"])
                rows.extend(_row(case.name, examples, name, times) for name in ready)
    return rows


def _row(case: str, examples: int, name: str, times: dict[str, list[float]]) -> dict[str, Any]:
    row = {"network": _network(case), "examples": examples, "contender": name, "rounds": times[name]}
    row["microseconds"] = statistics.median(times[name])
    if BASELINE in times:
        row["ratio"] = statistics.median(a / b for a, b in zip(times[name], times[BASELINE], strict=True))
    return row


def _network(case: str) -> str:
    return case.split("/", maxsplit=1)[0]


def table(rows: list[dict[str, Any]]) -> Table:
    """The rows as a person reads them."""
    shown = Table(
        title=f"Prediction, float32, one thread: median time of a call; ratio to the expressions of {BASELINE}"
    )
    for heading in ("network", "contender"):
        shown.add_column(heading)
    for heading in ("examples", "µs a call", "ratio"):
        shown.add_column(heading, justify="right")
    for row in rows:
        if "absent" not in row:
            ratio = f"{row['ratio']:.2f}" if "ratio" in row else ""
            figures = (f"{row['examples']:,}", f"{row['microseconds']:,.1f}", ratio)
            shown.add_row(row["network"], row["contender"], *figures)
    return shown
