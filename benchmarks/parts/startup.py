"""How long a program takes to start, and how much memory it then holds."""

from __future__ import annotations

import importlib.util
import statistics
import subprocess
import sys
import time
from typing import Any

from rich.table import Table

from benchmarks.environment import child_environment
from benchmarks.settings import Settings

# A process tells its own peak: what the parent is told of it counts the parent's memory, which it began as a copy of.
_PRELUDE = """
import atexit, sys
@atexit.register
def report():
    try:
        with open("/proc/self/status") as status:
            sys.stderr.writelines(line for line in status if line.startswith("VmHWM:"))
    except OSError:
        pass
"""
_BARE_TYPER = """
import typer
app = typer.Typer()
@app.command()
def hello(name: str = "you") -> None:
    "Greet."
@app.command()
def leave() -> None:
    "Part."
app()
"""
_PROGRAMS = (
    ("python", "", "pass", ()),
    ("import numpy", "numpy", "import numpy", ()),
    ("import layerkit", "layerkit", "import numpy, layerkit", ()),
    ("from layerkit import …", "layerkit", "from layerkit import Dense, Sequential, Sigmoid, Trainer", ()),
    ("import sklearn", "sklearn", "import sklearn.neural_network", ()),
    ("import jax", "jax", "import jax", ()),
    ("import torch", "torch", "import torch", ()),
    ("import thinc", "thinc", "import thinc.api", ()),
    ("a bare typer program, --help", "typer", _BARE_TYPER, ("--help",)),
    ("layerkit --help", "layerkit", "from layerkit.cli.main import main; main()", ("--help",)),
)
_AGAINST = {
    "import layerkit": "import numpy",
    "from layerkit import …": "import numpy",
    "layerkit --help": "a bare typer program, --help",
}
_ROUNDS_A_ROUND = 3


def measure(settings: Settings) -> list[dict[str, Any]]:
    """One row a program, the programs started in turn."""
    programs = [program for program in _PROGRAMS if not program[1] or importlib.util.find_spec(program[1])]
    times: dict[str, list[float]] = {program[0]: [] for program in programs}
    memory: dict[str, float | None] = {}
    settings.say("starting programs")
    for number in range(1 + settings.rounds * _ROUNDS_A_ROUND):
        for name, _, code, arguments in programs:
            seconds, memory[name] = _run(code, arguments)
            if number:  # the first of each warms the file cache
                times[name].append(seconds * 1e3)
    rows = []
    for name, measured in times.items():
        median = statistics.median(measured)
        row: dict[str, Any] = {"program": name, "milliseconds": median, "mebibytes": memory[name]}
        if name in _AGAINST:
            pairs = list(zip(measured, times[_AGAINST[name]], strict=True))
            row["against"] = _AGAINST[name]
            row["more_milliseconds"] = statistics.median(a - b for a, b in pairs)
            row["ratio"] = statistics.median(a / b for a, b in pairs)
        rows.append(row)
    return rows


def _run(code: str, arguments: tuple[str, ...]) -> tuple[float, float | None]:
    """Seconds from start to end, and the peak of resident memory in MiB where the system tells it."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _PRELUDE + code, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=child_environment(1),
        check=False,
    )
    taken = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"{code!r} failed: {done.stderr.strip()}")
    peak = [line.split()[1] for line in done.stderr.splitlines() if line.startswith("VmHWM:")]
    return taken, int(peak[0]) / 1024 if peak else None


def table(rows: list[dict[str, Any]]) -> Table:
    """The rows as a person reads them."""
    shown = Table(title="Start-up: median of programs started in turn, and the peak of their memory")
    shown.add_column("program")
    for heading in ("ms", "MiB"):
        shown.add_column(heading, justify="right")
    shown.add_column("compared")
    for row in rows:
        compared = (
            f"{row['more_milliseconds']:+.1f} ms, {row['ratio']:.2f} × {row['against']}" if "against" in row else ""
        )
        peak = f"{row['mebibytes']:.0f}" if row["mebibytes"] else ""
        shown.add_row(row["program"], f"{row['milliseconds']:.1f}", peak, compared)
    return shown
