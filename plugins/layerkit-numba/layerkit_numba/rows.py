"""What is gathered of a batch beside its inputs, what is to be asked for of the next, and what is delivered."""

from __future__ import annotations

import math
from typing import Any

from layerkit.memory import LINE
from layerkit_numba.compilation import compiled
from layerkit_numba.operands import INTEGERS
from layerkit_numba.walking import GO_ON, STOP

SMALLEST_SUM = 1e-30
_ACTIVE = INTEGERS.index("active")


@compiled
def find_lines(
    source: Any, order: Any, first: int, batch_size: int, lines: Any, each: int, begin: int, end: int
) -> None:
    """Where the cache lines of the next batch's rows begin, in bytes: what is asked for ahead of time."""
    size = source.shape[1] * source.itemsize
    for place in range(begin, end):
        row = order[min(first + batch_size + place, order.size - 1)]
        for line in range(each):
            # the last may lie beyond the data: to ask for what does not exist does no harm
            lines[place * each + line] = row * size + line * LINE


@compiled
def gather(source: Any, order: Any, first: int, out: Any) -> None:
    """Copy the rows of a batch."""
    for row in range(out.shape[0]):
        place = order[first + row]
        for column in range(out.shape[1]):
            out[row, column] = source[place, column]


@compiled
def deliver(values: Any, predictions: Any, first: int) -> int:
    """Copy what a batch gave to the rows that are its own, or stop where a number is not finite."""
    sound = True
    for row in range(values.shape[0]):
        for column in range(values.shape[1]):
            predictions[first + row, column] = values[row, column]
            sound &= math.isfinite(values[row, column])
    return GO_ON if sound else STOP


@compiled
def cast(source: Any, target: Any) -> None:
    """Copy numbers of one dtype into another."""
    for place in range(target.size):
        target[place] = source[place]


@compiled
def list_active(marks: Any, columns: Any, together: int, integers: Any) -> None:
    """The groups of so many neighbours that are not all zero, one after another in ``columns``; and how many."""
    active = 0
    for group in range(marks.size // together):
        columns[active] = group
        found = 0
        for column in range(group * together, (group + 1) * together):
            found |= int(marks[column] != 0)
        active += found
    integers[_ACTIVE] = active


@compiled
def gather_one_hot(labels: Any, order: Any, first: int, out: Any) -> None:
    """Rows of zeros with a 1 at each label; ``labels`` ``(examples, places)``, ``out`` ``(batch·places, classes)``."""
    places = labels.shape[1]
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            out[row, column] = 0
        out[row, labels[order[first + row // places], row % places]] = 1
