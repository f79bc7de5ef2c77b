"""``python -m benchmarks.convolutions``: three layers, and the whole step of the example ``conv/mnist``, on one thread.

All contenders take turns in one process, round by round, and so does the peak of the processor: medians of the rounds,
and ratios of the medians; processor time, so that another program does not count. PyTorch is measured where it is
installed, each layer in the better of its two orders of memory. Before any time is believed, gradients, and parameters
after a few steps, are compared with the numpy engine's.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.conv.network import BATCH as STEP_ROWS
from benchmarks.conv.network import initial_parameters, order
from benchmarks.conv.worker import CONTENDERS
from benchmarks.convolutions.layers import CASES, contenders
from benchmarks.data import Data
from benchmarks.passes import HEAD, pass_times, row, timed

_TOLERANCE = 1e-2
_STEPS = 50


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
        if np.abs(end - ends["layerkit-conv"]).max() > _TOLERANCE:
            raise SystemExit(f"conv/mnist: the parameters of {name} are not those of the numpy engine")
    times: dict[str, list[float]] = {name: [] for name in made}
    for _ in range(rounds):
        for name, contender in made.items():
            times[name].append(timed(lambda own=contender: own.steps(batches)) / steps)  # type: ignore[misc]
    return times


def main() -> None:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.convolutions", description=__doc__)
    parser.add_argument("--rounds", type=int, default=30, help="how often each is measured")
    rounds = parser.parse_args().rounds
    print(HEAD)
    with threadpool_limits(1):
        for case in CASES:
            times = pass_times(case.name, contenders(case), rounds)
            print(f"| {row(case.name, times, 'compiled', case.operations)} |", flush=True)
        print(f"| {row('conv/mnist, a step', step_times(max(3, rounds // 3)), 'layerkit-conv, compiled')} |")


if __name__ == "__main__":
    main()
