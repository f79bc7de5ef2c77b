"""The measured process: it holds one contender, and answers requests, one JSON object a line, on standard output."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import data
from benchmarks.cases import case_named
from benchmarks.contender import Problem, RefusedError
from benchmarks.contenders import entry_named
from benchmarks.data import Array
from benchmarks.reference import deviation, initial_parameters, train
from benchmarks.resident_memory import anonymous_mebibytes

CHECKED_STEPS = 24


class Worker:
    """One contender, ready to be asked."""

    def __init__(self, contender: str, case: str, folder: str, threads: int) -> None:
        self._kind = entry_named(contender).load()
        self._case = case_named(case)
        self._rng = np.random.default_rng(1)
        _limit_threads(threads)
        arrays = data.load(Path(folder))
        problem = Problem(self._case, arrays, Path(folder), initial_parameters(self._case), threads)
        self._problem = problem
        self._contender = self._kind(problem)
        self._steps = CHECKED_STEPS

    def check(self) -> dict[str, Any]:
        """Compare a short training with the float64 reference: deviation of parameters and of cost."""
        cost = self._kind.cost
        if cost is None:
            return {"cost": None, "deviation": None}
        rows = self._shuffled(CHECKED_STEPS)
        found = self._contender.train(rows)
        expected, parameters = train(self._case, self._problem.data.x, self._problem.data.y, rows, cost)
        off = max(abs(found - expected) / expected, deviation(self._case, self._contender.parameters(), parameters))
        return {"cost": cost, "deviation": off if np.isfinite(off) else None}

    def calibrate(self, seconds: float) -> dict[str, Any]:
        """Choose how many steps take about ``seconds``, and run that many once, so that nothing is compiled later."""
        contender, steps = self._contender, CHECKED_STEPS
        contender.step_seconds(self._shuffled, steps)
        while (taken := steps * contender.step_seconds(self._shuffled, steps)) < seconds / 3:
            steps = min(steps * 16, max(steps * 2, int(steps * seconds / max(taken, 1e-6))))
            contender.step_seconds(self._shuffled, steps)
        self._steps = steps
        return {"steps": steps}

    def round(self) -> dict[str, Any]:
        """Time one round of the chosen number of steps: microseconds a step."""
        return {"microseconds": self._contender.step_seconds(self._shuffled, self._steps) * 1e6}

    def predict(self, examples: int, seconds: float) -> dict[str, Any]:
        """The median time of one prediction of that many examples, in microseconds."""
        x = self._contender.inputs(np.ascontiguousarray(self._problem.data.x_test[:examples]))
        predict = self._contender.predict
        predict(x)
        times: list[float] = []
        end = time.perf_counter() + seconds
        while len(times) < 5 or time.perf_counter() < end:
            started = time.perf_counter()
            predict(x)
            times.append(time.perf_counter() - started)
        return {"microseconds": statistics.median(times) * 1e6}

    def learn(self, targets: list[float], epochs: int, parts: int) -> dict[str, Any]:
        """Train until every target accuracy on the test data is reached; say when each was (seconds since the epoch).

        The accuracy is looked at ``parts`` times an epoch, so that every contender takes the same steps between looks.
        """
        size = self._case.batch_size
        x, labels = self._contender.inputs(self._problem.data.x_test), self._problem.data.labels_test
        reached: list[float] = []
        accuracy = 0.0
        for _ in range(epochs):
            order = self._rng.permutation(len(self._problem.data.x))
            for rows in np.array_split(order[: len(order) // size * size].reshape(-1, size), parts):
                self._contender.train(rows)
                accuracy = float((self._contender.predict(x).argmax(axis=1) == labels).mean())
                while len(reached) < len(targets) and accuracy >= targets[len(reached)]:
                    reached.append(time.time())
                if len(reached) == len(targets):
                    return {"reached": reached, "accuracy": accuracy}
        return {"reached": reached, "accuracy": accuracy}

    def memory(self) -> dict[str, Any]:
        """How much anonymous memory this process holds, in MiB; mapped files, such as the data, do not count."""
        return {"mebibytes": anonymous_mebibytes()}

    def _shuffled(self, steps: int) -> Array:
        size, examples = self._case.batch_size, len(self._problem.data.x)
        epochs = -(-steps * size // examples)
        rows = np.concatenate([self._rng.permutation(examples) for _ in range(epochs)])
        return rows[: steps * size].reshape(steps, size)


def _limit_threads(threads: int) -> None:
    if importlib.util.find_spec("threadpoolctl"):
        from threadpoolctl import threadpool_limits

        threadpool_limits(threads)


def main() -> None:
    """Serve requests ``{"do": method, …arguments}`` until the input ends; the first makes the worker."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not be taken for an answer
    worker: Worker | None = None
    for line in sys.stdin:
        request = json.loads(line)
        method = request.pop("do")
        answer: dict[str, Any] = {}
        try:
            if method == "start":
                worker = Worker(**request)
            else:
                answer = getattr(worker, method)(**request)
        except RefusedError as refusal:
            answer = {"refused": str(refusal)}
        except Exception as error:
            answer = {"failed": f"{type(error).__name__}: {error}"}
        with contextlib.suppress(BrokenPipeError):
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
