"""Products of matrices in flat arrays: rows with a matrix that lies in panels, and sums over the rows of two."""

from __future__ import annotations

from typing import Any

from layerkit_numba import compiled, natural
from layerkit_numba.strided import strided_product

_ROWS = 96
"""So many rows are multiplied by all panels before the next: they stay near, and are whole blocks of any height."""


@compiled
def pack(
    panel: int,
    matrix: Any,
    at: int,
    depth: int,
    width: int,
    depth_step: int,
    column_step: int,
    packed: Any,
    packed_at: int,
    begin: int,
    end: int,
) -> None:
    """Lay a matrix of ``depth`` rows and ``width`` columns in panels, those from ``begin`` to ``end``: of each row,
    ``panel`` columns in a row, with zeros behind the last.

    Its rows and columns lie so far apart, from ``at`` on.
    """
    for number in range(begin, end):
        first = number * panel
        columns = min(panel, width - first)
        for row in range(depth):
            source = natural(at + row * depth_step + first * column_step)
            target = natural(packed_at + (number * depth + row) * panel)
            for column in range(natural(columns)):
                packed[target + column] = matrix[source + column * natural(column_step)]
            for column in range(natural(columns), natural(panel)):
                packed[target + column] = 0


@compiled
def multiply(
    tall: int,
    abreast: int,
    panel: int,
    limit: int,
    rows: int,
    depth: int,
    width: int,
    left: Any,
    left_at: int,
    row_step: int,
    depth_step: int,
    packed: Any,
    packed_rows: int,
    begins: int,
    start: Any,
    start_at: int,
    result: Any,
    result_at: int,
    result_step: int,
) -> None:
    """result = start + left · right, row by row; added to the result, where ``begins`` is 0.

    ``packed`` has right in panels of ``packed_rows``, of which the first ``depth`` are multiplied.

    ``start`` is as long as all panels are wide. Of a panel ``limit`` rows are used before the next.
    """
    pieces = max(1, (depth + limit - 1) // limit)
    length = (depth + pieces - 1) // pieces
    for first in range(0, rows, _ROWS):
        for number in range((width + panel - 1) // panel):
            for piece in range(pieces):
                done = piece * length
                strided_product(
                    tall,
                    abreast,
                    min(_ROWS, rows - first),
                    min(length, depth - done),
                    left,
                    left_at + first * row_step + done * depth_step,
                    row_step,
                    depth_step,
                    packed,
                    (number * packed_rows + done) * panel,
                    panel,
                    result,
                    result_at + first * result_step + number * panel,
                    result_step,
                    min(panel, width - number * panel),
                    begins if piece == 0 else 0,
                    start,
                    start_at + number * panel,
                )


@compiled
def multiply_rows(
    tall: int,
    abreast: int,
    panel: int,
    limit: int,
    depth: int,
    width: int,
    left: Any,
    left_at: int,
    row_step: int,
    packed: Any,
    begins: int,
    start: Any,
    start_at: int,
    result: Any,
    result_at: int,
    result_step: int,
    begin: int,
    end: int,
) -> None:
    """``multiply``, for the rows from ``begin`` to ``end``."""
    multiply(
        tall,
        abreast,
        panel,
        limit,
        end - begin,
        depth,
        width,
        left,
        left_at + begin * row_step,
        row_step,
        1,
        packed,
        depth,
        begins,
        start,
        start_at,
        result,
        result_at + begin * result_step,
        result_step,
    )


@compiled
def pack_rows(panel: int, rows: Any, at: int, step: int, depth: int, width: int, packed: Any, pitch: int) -> None:
    """Lay ``depth`` rows of so many columns in panels, which begin ``pitch`` numbers apart; row by row, as they lie."""
    whole = width // panel
    for row in range(depth):
        source = natural(at + row * step)
        target = natural(row * panel)
        for _ in range(natural(whole)):
            for column in range(natural(panel)):
                packed[target + column] = rows[source + column]
            source += natural(panel)
            target += natural(pitch)
        for column in range(natural(width - whole * panel)):
            packed[target + column] = rows[source + column]


@compiled
def sum_products(
    tall: int,
    abreast: int,
    panel: int,
    limit: int,
    rows: int,
    left: Any,
    left_at: int,
    left_step: int,
    left_width: int,
    right: Any,
    right_at: int,
    right_step: int,
    width: int,
    room: Any,
    zeros: Any,
    sums: Any,
    sums_at: int,
    sums_step: int,
    begin: int,
    end: int,
) -> None:
    """sums = leftᵀ · right for two matrices of so many rows, the panels of right from ``begin`` to ``end``.

    ``limit`` rows are gone through at once, for which ``room`` takes these of right. ``zeros`` are a panel's.
    """
    first = begin * panel
    columns = min(end * panel, width) - first
    # not a multiple of what sets of the cache repeat with, so that panels do not push each other out
    pitch = limit * panel + 16
    for done in range(0, max(rows, 1), limit):
        depth = min(limit, rows - done)
        pack_rows(panel, right, right_at + done * right_step + first, right_step, depth, columns, room, pitch)
        for number in range(end - begin):
            strided_product(
                tall,
                abreast,
                left_width,
                depth,
                left,
                left_at + done * left_step,
                1,
                left_step,
                room,
                number * pitch,
                panel,
                sums,
                sums_at + first + number * panel,
                sums_step,
                min(panel, columns - number * panel),
                1 if done == 0 else 0,
                zeros,
                0,
            )


@compiled
def sum_rows(rows: int, values: Any, at: int, step: int, sums: Any, sums_at: int, begin: int, end: int) -> None:
    """The sum of so many rows, of their columns from ``begin`` to ``end``."""
    for column in range(natural(begin), natural(end)):
        sums[natural(sums_at) + column] = 0
    for row in range(rows):
        source, target = natural(at + row * step), natural(sums_at)
        for column in range(natural(begin), natural(end)):
            sums[target + column] += values[source + column]
