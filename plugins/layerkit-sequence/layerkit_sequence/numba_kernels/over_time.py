"""Layers that make one vector of a sequence, and the one that tells its steps apart."""

from __future__ import annotations

import math
from typing import Any

from layerkit_numba import Buffer, Call, LayerKernel, Part, compiled, kernel, like, natural

_NO_MASK = Buffer((1,), per_example=False, dtype="bool")


@compiled
def find_last(mask: Any, masked: bool, steps: int, last: Any, begin: int, end: int) -> None:
    """The last step that counts of each sequence; −1 where none does."""
    for row in range(begin, end):
        last[row] = -1 if masked else steps - 1
        if masked:
            for step in range(steps):
                if mask[row * steps + step]:
                    last[row] = step


@compiled
def take(x: Any, steps: int, last: Any, y: Any, begin: int, end: int) -> None:
    """That step of each sequence, or zeros."""
    for row in range(begin, end):
        step, width = last[row], y.shape[1]
        for column in range(width):
            y[row, column] = x[row * steps + step, column] if step >= 0 else 0


@compiled
def put(dy: Any, steps: int, last: Any, dx: Any, begin: int, end: int) -> None:
    """The gradient where the step was, and zeros elsewhere."""
    for row in range(begin, end):
        for step in range(steps):
            for column in range(dy.shape[1]):
                dx[row * steps + step, column] = dy[row, column] if step == last[row] else 0


@compiled
def share(mask: Any, masked: bool, steps: int, shares: Any, begin: int, end: int) -> None:
    """Each step's share of the mean: one in as many as count, or nothing."""
    for row in range(begin, end):
        count = 0 if masked else steps
        if masked:
            for step in range(steps):
                count += 1 if mask[row * steps + step] else 0
        for step in range(steps):
            counts = not masked or mask[row * steps + step]
            shares[row * steps + step] = like(1 / max(count, 1), shares[0]) if counts else like(0, shares[0])


@compiled
def sum_shares(x: Any, shares: Any, steps: int, y: Any, begin: int, end: int) -> None:
    """The sum of the steps by their shares."""
    for row in range(begin, end):
        for column in range(y.shape[1]):
            y[row, column] = 0
        for step in range(steps):
            part = shares[row * steps + step]
            for column in range(y.shape[1]):
                y[row, column] += part * x[row * steps + step, column]


@compiled
def give_shares(dy: Any, shares: Any, steps: int, dx: Any, begin: int, end: int) -> None:
    """The gradient by each step's share."""
    for row in range(begin, end):
        for step in range(steps):
            part = shares[row * steps + step]
            for column in range(dy.shape[1]):
                dx[row * steps + step, column] = part * dy[row, column]


@compiled
def lay_waves(table: Any, filled: Any, features: int, base: float) -> None:
    """The table P, once: it stays from step to step."""
    if filled[0] == 0:
        for place in range(table.size):
            step, column = place // features, place % features
            angle = step * base ** (-2.0 * (column // 2) / features)
            table[place] = math.sin(angle) if column % 2 == 0 else math.cos(angle)
        filled[0] = 1


@compiled
def add_table(x: Any, table: Any, y: Any, begin: int, end: int) -> None:
    """x + P for the sequences from ``begin`` to ``end``."""
    for row in range(natural(begin), natural(end)):
        for place in range(natural(table.size)):
            y[row, place] = x[row, place] + table[place]


@kernel("layerkit_sequence.last:Last")
def _last(part: Part) -> LayerKernel:
    steps = part.input_shape[0]
    found = ("mask:flat", True) if part.masked else ("no mask", False)
    return LayerKernel(
        forward=(
            Call(find_last, *found, steps, "last", "begin", "end", over="n"),
            Call(take, "x:rows", steps, "last", "y:rows", "begin", "end", over="n"),
        ),
        input_gradient=(Call(put, "dy:rows", steps, "last", "dx:rows", "begin", "end", over="n"),),
        buffers={"last": Buffer((), dtype="int64"), "no mask": _NO_MASK},
        reads_input=False,
        reads_output=False,
        masks="heeded",
    )


@kernel("layerkit_sequence.mean_over_time:MeanOverTime")
def _mean_over_time(part: Part) -> LayerKernel:
    steps = part.input_shape[0]
    found = ("mask:flat", True) if part.masked else ("no mask", False)
    return LayerKernel(
        forward=(
            Call(share, *found, steps, "shares:flat", "begin", "end", over="n"),
            Call(sum_shares, "x:rows", "shares:flat", steps, "y:rows", "begin", "end", over="n"),
        ),
        input_gradient=(Call(give_shares, "dy:rows", "shares:flat", steps, "dx:rows", "begin", "end", over="n"),),
        buffers={"shares": Buffer((steps,)), "no mask": _NO_MASK},
        reads_input=False,
        reads_output=False,
        masks="heeded",
    )


@kernel("layerkit_sequence.positional_encoding:PositionalEncoding")
def _positional_encoding(part: Part) -> LayerKernel:
    features = part.input_shape[1]
    return LayerKernel(
        forward=(
            Call(lay_waves, "table:flat", "filled", features, float(part.layer.base)),
            Call(add_table, "x:table", "table:flat", "y:table", "begin", "end", over="n"),
        ),
        same={"dx": "dy"},
        buffers={
            "table": Buffer(part.input_shape, per_example=False),
            "filled": Buffer((1,), per_example=False, dtype="int64", cleared=True),
        },
        reads_input=False,
        reads_output=False,
        masks="ignored",
    )
