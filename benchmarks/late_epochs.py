"""Whether a run is as fast late as early: `python -m benchmarks.late_epochs`.

Trains 784-256-10 with Adam and with momentum, epoch by epoch, in turns, and compares the processor time of the last
epochs with that of the first. What makes late ones slow on many processors, numbers below the normal ones in the
optimizer's memory, is counted.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.data import Data, find_mnist, load, store
from layerkit import Adam, CrossEntropy, Dense, GradientDescent, Optimizer, ReLU, Sequential, Trainer
from layerkit.engines import limited

OPTIMIZERS: dict[str, Optimizer] = {"Adam": Adam(1e-3), "momentum": GradientDescent(0.1, momentum=0.9)}
_ENDS = 2


def main() -> None:
    """Measure, and print a line for each optimizer."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.late_epochs", description=__doc__)
    parser.add_argument("--epochs", type=int, default=10)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        mnist = find_mnist(None)
        store(mnist, Path(folder))
        data = load(Path(folder))
        runs = {name: Epochs(optimizer, data) for name, optimizer in OPTIMIZERS.items()}
        with limited(1):
            for _ in range(given.epochs):
                for run in runs.values():
                    run.next()
    print("MNIST" if mnist else "noise", f"784-256-10, batch 64, {given.epochs} epochs", sep=", ")
    for name, run in runs.items():
        print(run.told(name))


class Epochs:
    """A trainer of the ``numpy`` engine that makes one epoch after another."""

    def __init__(self, optimizer: Optimizer, data: Data) -> None:
        model = Sequential([Dense(256, activation=ReLU()), Dense(10)])
        self._trainer = Trainer(model, cost=CrossEntropy(), optimizer=optimizer, seed=0)
        self._given = data.x, data.labels.astype(np.int64)
        self.seconds: list[float] = []

    def next(self) -> None:
        """One epoch more."""
        began = time.process_time()
        self._trainer.fit(self._given, epochs=1, batch_size=64)
        self.seconds.append(time.process_time() - began)

    def subnormal(self) -> float:
        """The share of numbers below the normal ones in what the optimizer keeps."""
        kept = np.concatenate(list(self._trainer.state()["updates"][0]["flat"].values()))
        return float(((kept != 0) & (np.abs(kept) < np.finfo(kept.dtype).smallest_normal)).mean())

    def told(self, name: str) -> str:
        """The line of this run."""
        first, last = (statistics.median(part) for part in (self.seconds[:_ENDS], self.seconds[-_ENDS:]))
        ratio = f"{last / first:.2f}"
        return f"{name:9} first {first:.2f} s, last {last:.2f} s, {ratio} times; subnormal {self.subnormal():.2%}"


if __name__ == "__main__":
    main()
