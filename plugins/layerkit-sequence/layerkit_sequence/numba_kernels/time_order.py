"""The same steps in two orders: sequence by sequence, as batches lie, and step by step, as they are gone through."""

from __future__ import annotations

from typing import Any

from layerkit_numba import compiled
from layerkit_numba.copying import copy_run


@compiled
def time_of(step: int, steps: int, backwards: bool) -> int:
    """Which time a step has: time may run backwards."""
    return steps - 1 - step if backwards else step


@compiled
def lay_by_step(
    sequences: Any, by_step: Any, steps: int, width: int, backwards: bool, n: int, begin: int, end: int
) -> None:
    """``(n, steps, width)`` as ``(steps, n, width)``, for the sequences from ``begin`` to ``end``."""
    for row in range(begin, end):
        for step in range(steps):
            time = time_of(step, steps, backwards)
            copy_run(sequences, (row * steps + time) * width, by_step, (step * n + row) * width, width)


@compiled
def lay_by_sequence(
    by_step: Any, sequences: Any, steps: int, width: int, backwards: bool, n: int, begin: int, end: int
) -> None:
    """``(steps, n, width)`` as ``(n, steps, width)``, for the sequences from ``begin`` to ``end``."""
    for row in range(begin, end):
        for step in range(steps):
            time = time_of(step, steps, backwards)
            copy_run(by_step, (step * n + row) * width, sequences, (row * steps + time) * width, width)
