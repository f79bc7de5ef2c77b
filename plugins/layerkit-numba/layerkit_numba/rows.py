"""Reading a batch from the data: rows in the order of the epoch, in the model's dtype."""

from __future__ import annotations

from typing import Any

from layerkit_numba.compilation import compiled

LINE = 64


@compiled
def find_lines(source: Any, order: Any, first: int, lines: Any, each: int) -> None:
    """Where the cache lines of the next batch's rows begin, in bytes: what is asked for ahead of time."""
    size = source.shape[1] * source.itemsize
    for place in range(lines.size // each):
        row = order[min(first + place, order.size - 1)]
        for line in range(each):
            lines[place * each + line] = row * size + min(line * LINE, size - 1)


@compiled
def gather(source: Any, order: Any, first: int, out: Any) -> None:
    """Copy the rows of a batch."""
    for row in range(out.shape[0]):
        place = order[first + row]
        for column in range(out.shape[1]):
            out[row, column] = source[place, column]


@compiled
def gather_active(source: Any, order: Any, first: int, out: Any, marks: Any, columns: Any) -> int:
    """Gather floating numbers, and find the columns that are not zero in every row; how many they are."""
    gather(source, order, first, out)
    marks[:] = 0
    rows = out.shape[0]
    # four rows at a time, for the marks are read and written each time; NaN counts too, for it differs from 0
    whole = rows // 4 * 4
    for row in range(0, whole, 4):
        for column in range(out.shape[1]):
            upper = abs(out[row, column]) + abs(out[row + 1, column])
            marks[column] += upper + (abs(out[row + 2, column]) + abs(out[row + 3, column]))
    for row in range(whole, rows):
        for column in range(out.shape[1]):
            marks[column] += abs(out[row, column])
    return list_active(marks, columns)


@compiled
def gather_active_integers(source: Any, order: Any, first: int, out: Any, marks: Any, columns: Any) -> int:
    """The same for integers, bytes mostly: what is looked at is the data, a quarter of what it becomes."""
    marks[:] = 0
    for row in range(out.shape[0]):
        place = order[first + row]
        for column in range(out.shape[1]):
            marks[column] |= source[place, column]
    gather(source, order, first, out)
    return list_active(marks, columns)


@compiled
def list_active(marks: Any, columns: Any) -> int:
    """The places of what is not zero, one after another in ``columns``; how many they are."""
    active = 0
    for column in range(marks.size):
        columns[active] = column
        active += int(marks[column] != 0)
    return active


@compiled
def gather_one_hot(labels: Any, order: Any, first: int, out: Any) -> None:
    """Rows of zeros with a 1 at each label; ``labels`` ``(examples, places)``, ``out`` ``(batch·places, classes)``."""
    places = labels.shape[1]
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            out[row, column] = 0
        out[row, labels[order[first + row // places], row % places]] = 1


@compiled
def gather_weights(weights: Any, order: Any, first: int, out: Any) -> float:
    """Copy the weights of a batch's rows; their sum."""
    total = 0.0
    for row in range(out.shape[0]):
        out[row] = weights[order[first + row]]
        total += out[row]
    return total
