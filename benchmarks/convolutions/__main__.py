"""``python -m benchmarks.convolutions``: three layers, and the whole step of the example ``conv/mnist``, on one thread.

All contenders take turns in one process, round by round, and so does the peak of the processor: medians of the rounds,
and ratios of the medians; processor time, so that another program does not count. PyTorch is measured where it is
installed, each layer in the better of its two orders of memory. Before any time is believed, gradients, and parameters
after a few steps, are compared with the numpy engine's.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.conv.network import BATCH as STEP_ROWS
from benchmarks.conv.network import initial_parameters, order
from benchmarks.conv.worker import CONTENDERS
from benchmarks.convolutions.layers import CASES, Case, Problem, contenders
from benchmarks.convolutions.peak import gigaflops
from benchmarks.data import Data

_TOLERANCE = 1e-4
_STEPS = 50


def layer_times(case: Case, rounds: int) -> dict[str, list[float]]:
    """The seconds of a pass forward and backward, by contender, and the peak in GFLOP/s.

    Raises:
        SystemExit: a contender's gradients are not the numpy engine's.
    """
    problem = Problem(case)
    made = {name: make(problem) for name, make in contenders().items()}
    for run, _ in made.values():
        run()
    wanted = made["numpy"][1]().copy()
    for name, (_, left) in made.items():
        if np.abs(left() - wanted).max() > _TOLERANCE * np.abs(wanted).max():
            raise SystemExit(f"{case.name}: the gradients of {name} are not those of numpy")
    times: dict[str, list[float]] = {name: [] for name in (*made, "peak")}
    for _ in range(rounds):
        times["peak"].append(gigaflops())
        for name, (run, _) in made.items():
            times[name].append(_timed(run))
    return times


def step_times(rounds: int, steps: int = _STEPS) -> dict[str, list[float]]:
    """The seconds of a step of ``conv/mnist``, by contender; on noise, which costs what digits cost.

    Raises:
        SystemExit: a contender's parameters are not the numpy engine's after a few steps.
    """
    import importlib

    rng = np.random.default_rng(0)
    count = steps * STEP_ROWS
    labels = rng.integers(0, 10, count)
    x = rng.random((count, 784), dtype=np.float32)
    data = Data(x, np.eye(10, dtype=np.float32)[labels], labels, x[:1], labels[:1])
    made: dict[str, Any] = {}
    for name, (place, _) in CONTENDERS.items():
        module, kind = place.split(":")
        try:
            made[name] = getattr(importlib.import_module(f"benchmarks.conv.{module}"), kind)(
                data, initial_parameters(0), 1
            )
        except ImportError:
            continue
    batches = order(0, 0, count).reshape(steps, STEP_ROWS)
    for contender in made.values():
        contender.steps(batches[:5])
    ends = {name: np.concatenate([each.ravel() for each in one.parameters().values()]) for name, one in made.items()}
    for name, end in ends.items():
        if np.abs(end - ends["layerkit-conv"]).max() > 100 * _TOLERANCE:
            raise SystemExit(f"conv/mnist: the parameters of {name} are not those of the numpy engine")
    times: dict[str, list[float]] = {name: [] for name in made}
    for _ in range(rounds):
        for name, contender in made.items():
            times[name].append(_timed(lambda own=contender: own.steps(batches)) / steps)  # type: ignore[misc]
    return times


def _timed(run: Callable[[], object]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started


def _row(name: str, times: dict[str, list[float]], own: str, operations: int = 0) -> str:
    found = {key: statistics.median(values) for key, values in times.items()}
    peak = found.pop("peak", 0.0)
    torch = min((value for key, value in found.items() if key.startswith("torch")), default=0.0)
    others = [key for key in found if key != own and not key.startswith("torch")]
    shown = [name, f"{1e3 * found[own]:.2f}", *(f"{1e3 * found[key]:.2f}" for key in others)]
    shown += [f"{1e3 * torch:.2f}", f"{found[own] / torch:.2f}"] if torch else ["absent", ""]
    rate = operations / found[own] / 1e9
    return " | ".join([*shown, *([f"{rate:.0f}", f"{rate / peak:.0%}"] if operations else ["", ""])])


def main() -> None:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.convolutions", description=__doc__)
    parser.add_argument("--rounds", type=int, default=30, help="how often each is measured")
    rounds = parser.parse_args().rounds
    print("| milliseconds | compiled | numpy | PyTorch | of PyTorch's | GFLOP/s | of the peak |")
    print("|---|---|---|---|---|---|---|")
    with threadpool_limits(1):
        for case in CASES:
            print(f"| {_row(case.name, layer_times(case, rounds), 'compiled', case.operations)} |", flush=True)
        print(f"| {_row('conv/mnist, a step', step_times(max(3, rounds // 3)), 'layerkit-conv, compiled')} |")


if __name__ == "__main__":
    main()
