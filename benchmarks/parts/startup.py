"""How long a program takes to start, and how much memory it then holds."""

from __future__ import annotations

import importlib.util
import os
import statistics
import subprocess
import sys
import time
from typing import Any

from rich.table import Table

from benchmarks.environment import child_environment
from benchmarks.settings import Settings

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
    memory: dict[str, float] = {}
    settings.say("starting programs")
    for number in range(1 + settings.rounds * _ROUNDS_A_ROUND):
        for name, _, code, arguments in programs:
            seconds, memory[name] = _run(code, arguments)
            if number:  # the first of each warms the file cache
                times[name].append(seconds * 1e3)
    rows = []
    for name, measured in times.items():
        row = {"program": name, "milliseconds": statistics.median(measured), "mebibytes": memory[name]}
        if name in _AGAINST:
            pairs = list(zip(measured, times[_AGAINST[name]], strict=True))
            row["against"] = _AGAINST[name]
            row["more_milliseconds"] = statistics.median(a - b for a, b in pairs)
            row["ratio"] = statistics.median(a / b for a, b in pairs)
        rows.append(row)
    return rows


def _run(code: str, arguments: tuple[str, ...]) -> tuple[float, float]:
    """Seconds from start to end, and the peak of resident memory in MiB."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=child_environment(1),
    )
    assert process.stderr is not None
    with process.stderr as stream:
        errors = stream.read()
    _, status, usage = os.wait4(process.pid, 0)
    taken = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{code!r} failed: {errors.decode(errors='replace').strip()}")
    return taken, usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)


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
        shown.add_row(row["program"], f"{row['milliseconds']:.1f}", f"{row['mebibytes']:.0f}", compared)
    return shown
