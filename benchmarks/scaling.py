"""One thread and several of the compiled engine, side by side: `python -m benchmarks.scaling`.

The same trainer runs an epoch's part in one thread and in all, turn by turn, on free cores and with one of them taken
by another program. Times are medians of the rounds, ratios medians of the ratios of a round.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.cases import Case
from benchmarks.data import Data, find_mnist, load, store

CASES = (
    Case((784, 30, 10), batch_size=10, learning_rate=3.0),
    Case((784, 100, 10), batch_size=32, learning_rate=3.0),
    Case((784, 512, 256, 10), batch_size=128, learning_rate=0.5),
    Case((784, 2048, 2048, 10), batch_size=256, learning_rate=0.5),
)


def main() -> None:
    """Measure, and print a line for each case."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("--cases", help="such as 784-100-10/32,784-30-10/10; all of them, if left out")
    parser.add_argument("--threads", type=int, default=2, help="how many are compared with one")
    parser.add_argument("--rounds", type=int, default=7, help="of each, for the medians")
    parser.add_argument("--seconds", type=float, default=1.0, help="how long a round of one thread takes, about")
    parser.add_argument("--busy", action="store_true", help="with one core taken by another program, too")
    given = parser.parse_args()
    chosen = [case for case in CASES if given.cases is None or case.name in given.cases.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        mnist = find_mnist(None)
        store(mnist, Path(folder))
        data = load(Path(folder))
        print("MNIST" if mnist else "noise", f"{given.rounds} rounds", sep=", ")
        for case in chosen:
            compare(case, data, given)
            if given.busy:
                with one_core_taken():
                    compare(case, data, given, told="one core taken")


def compare(case: Case, data: Data, given: argparse.Namespace, *, told: str = "") -> None:
    """Print the microseconds of a step in one thread and in several."""
    runs = {threads: Rounds(case, data, threads) for threads in (1, given.threads)}
    for run in runs.values():
        run.calibrate(given.seconds)
    times: dict[int, list[float]] = {threads: [] for threads in runs}
    for _ in range(given.rounds):
        for threads, run in runs.items():
            times[threads].append(run.step())
    one, several = (statistics.median(times[threads]) for threads in runs)
    ratio = statistics.median(a / b for a, b in zip(*times.values(), strict=True))
    speed = 2e-3 * case.multiplications / several
    print(
        f"{case.name:22} 1 thread {one:9.1f} µs, {given.threads} threads {several:9.1f} µs ({speed:.0f} GFLOP/s): "
        f"× {ratio:.2f} {told}",
        flush=True,
    )


class Rounds:
    """One trainer, which fits some rows again and again."""

    def __init__(self, case: Case, data: Data, threads: int) -> None:
        from layerkit_numba import NumbaEngine

        from layerkit import Dense, GradientDescent, Normal, Quadratic, Sequential, Sigmoid, Trainer

        layers = [Dense(units, activation=Sigmoid(), initializer=Normal(0.03)) for units in case.sizes[1:]]
        model = Sequential(layers).initialize(case.sizes[0], seed=0)
        optimizer = GradientDescent(case.learning_rate)
        engine = NumbaEngine(threads=threads)
        self._trainer = Trainer(model, cost=Quadratic(), optimizer=optimizer, engine=engine, seed=0)
        self._case, self._data = case, data
        self._rows, self._epochs = 100 * case.batch_size, 1
        self.step()

    def calibrate(self, seconds: float) -> None:
        """Take so many rows, and epochs of them, that a round takes about so long."""
        steps = max(1, round(seconds * 1e6 / self.step()))
        most = len(self._data.x) // self._case.batch_size
        self._epochs = -(-steps // most)
        self._rows = steps // self._epochs * self._case.batch_size

    def step(self) -> float:
        """The microseconds of a step, in a round."""
        x, y = self._data.x[: self._rows], self._data.y[: self._rows]
        began = time.perf_counter()
        self._trainer.fit((x, y), epochs=self._epochs, batch_size=self._case.batch_size)
        steps = self._epochs * self._rows / self._case.batch_size
        return (time.perf_counter() - began) / steps * 1e6


@contextmanager
def one_core_taken() -> Iterator[None]:
    """Another program that never rests."""
    loop = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(loop.pid, {max(os.sched_getaffinity(0))})
        yield
    finally:
        loop.kill()
        loop.wait()


if __name__ == "__main__":
    main()
