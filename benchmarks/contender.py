"""What a contender implements: one way to train the network of a case."""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cases import Case
from benchmarks.data import Array, Data
from benchmarks.reference import CostName, Parameters


class RefusedError(Exception):
    """A contender cannot take part in a case, on this machine or at all; the message says why."""


@dataclass(frozen=True)
class Problem:
    """A case, its data (mapped from files in ``folder``), where every contender starts, and how many threads it has."""

    case: Case
    data: Data
    folder: Path
    initial: Parameters
    threads: int


class Contender(ABC):
    """One way to train; made in a process of its own, after the imports of which the parent knows nothing.

    A step gathers a batch from the shuffled data, runs forward, adds up the cost and checks that it is finite, runs
    backward, and moves every parameter by −learning_rate × its mean gradient over the batch.
    """

    cost: CostName | None = "quadratic"
    """The cost that it minimizes; ``None`` for a floor that trains nothing, whose result is not compared."""

    def __init__(self, problem: Problem) -> None:
        """Prepare everything that does not belong to a step.

        Raises:
            RefusedError: it cannot run this case.
        """
        self.problem = problem

    @abstractmethod
    def train(self, rows: Array) -> float:
        """Train on the examples ``rows``, ``(steps, batch)``, in this order; return the sum of their costs."""

    def step_seconds(self, shuffled: Callable[[int], Array], steps: int) -> float:
        """The time of a step over one round: ``shuffled(steps)`` draws the rows, which every contender pays for.

        Raises:
            FloatingPointError: the cost is not finite.
        """
        started = time.perf_counter()
        total = self.train(shuffled(steps))
        taken = time.perf_counter() - started
        if not math.isfinite(total):
            raise FloatingPointError("the cost is not finite")
        return taken / steps

    @abstractmethod
    def parameters(self) -> Parameters:
        """The present parameters, as NumPy arrays."""

    def inputs(self, x: Array) -> Array:
        """``x`` as its user would hold it, ready for ``predict``; not part of what is timed."""
        return x

    def predict(self, x: Array) -> Array:
        """The outputs ``(n, 10)`` for what ``inputs`` gave of ``(n, 784)``, through the call that a user would make.

        Raises:
            RefusedError: it has no prediction of its own.
        """
        raise RefusedError("it has no prediction of its own")
