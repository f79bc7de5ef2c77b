"""The time of a training step, for every case, number of threads and contender, in interleaved rounds."""

from __future__ import annotations

import statistics
from contextlib import ExitStack
from typing import Any

from rich.console import Group
from rich.table import Table

from benchmarks.cases import Case
from benchmarks.contender import RefusedError
from benchmarks.contenders import BASELINE
from benchmarks.process import Process
from benchmarks.settings import Settings

TOLERANCE = 2e-3
"""How far, relative to the movement of the parameters, float32 may end from the float64 reference."""


def measure(settings: Settings) -> list[dict[str, Any]]:
    """One row for each case, number of threads and contender."""
    return [row for case in settings.cases for threads in settings.threads for row in _compare(settings, case, threads)]


def _compare(settings: Settings, case: Case, threads: int) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    times: dict[str, list[float]] = {}
    for _ in range(settings.processes):
        with ExitStack() as stack:
            ready: dict[str, Process] = {}
            for name in settings.contenders:
                row = rows.setdefault(name, {"case": case.name, "threads": threads, "contender": name})
                if "absent" in row:
                    continue
                settings.say(f"{case.name}, {threads} threads: preparing {name}")
                try:
                    process = stack.enter_context(Process(name, case, settings.folder, threads=threads))
                    row.update(process.ask("check"))
                    row.update(process.ask("calibrate", seconds=settings.round_seconds))
                except RefusedError as refusal:
                    row["absent"] = str(refusal)
                    continue
                ready[name] = process
            for number in range(settings.rounds):
                settings.say(f"{case.name}, {threads} threads: round {number + 1} of {settings.rounds}")
                for name, process in list(ready.items()):
                    try:
                        times.setdefault(name, []).append(process.ask("round")["microseconds"])
                    except RefusedError as refusal:
                        rows[name]["absent"] = str(refusal)
                        del ready[name]
            for name, process in ready.items():
                rows[name].update(process.ask("memory"))
    for name, row in rows.items():
        _summarize(row, times.get(name), times.get(BASELINE), case)
    return list(rows.values())


def _summarize(row: dict[str, Any], times: list[float] | None, baseline: list[float] | None, case: Case) -> None:
    if times is None or "absent" in row:
        return
    row["microseconds"] = statistics.median(times)
    row["rounds"] = times
    row["gflops"] = 2e-3 * case.multiplications / row["microseconds"]
    if baseline:
        row["ratio"] = statistics.median(a / b for a, b in zip(times, baseline, strict=False))
    off = row["deviation"]
    if row["cost"] is None:
        row["result"] = "a floor"
    elif off is None or off > TOLERANCE:
        row["result"] = "differs"
    else:
        row["result"] = "agrees" if row["cost"] == "quadratic" else row["cost"]


def table(rows: list[dict[str, Any]]) -> Group:
    """The rows as a person reads them: one table a case and number of threads."""
    groups = list(dict.fromkeys((row["case"], row["threads"]) for row in rows))
    return Group(*(_table([row for row in rows if (row["case"], row["threads"]) == group], *group) for group in groups))


def _table(rows: list[dict[str, Any]], case: str, threads: int) -> Table:
    shown = Table(title=f"Training {case}, float32, threads: {threads}", title_justify="left")
    shown.add_column("contender", no_wrap=True)
    for heading in ("µs a step", "quartiles", "× loop", "GFLOP/s", "MiB"):
        shown.add_column(heading, justify="right")
    shown.add_column("result", no_wrap=True)
    # below the table, for a reason is long
    reasons = [f"{row['contender']} is absent: {row['absent']}" for row in rows if "absent" in row]
    shown.caption, shown.caption_justify = "\n".join(reasons) or None, "left"
    for row in rows:
        if "absent" in row:
            continue
        low, *_, high = statistics.quantiles(row["rounds"], n=4) if len(row["rounds"]) > 1 else row["rounds"] * 2
        shown.add_row(
            row["contender"],
            f"{row['microseconds']:.1f}",
            f"{low:.1f}–{high:.1f}",
            f"{row['ratio']:.2f}" if "ratio" in row else "",
            f"{row['gflops']:.0f}",
            f"{row['mebibytes']:.0f}" if row["mebibytes"] else "",
            row["result"],
        )
    return shown
