"""Where the numbers of windows lie, and weights in the order in which they are multiplied."""

from __future__ import annotations

from typing import Any

from layerkit_numba import compiled, like


@compiled
def place_grid(
    first: int, second: int, third: int, one: int, two: int, three: int, base: int, places: Any, at: int
) -> None:
    """The places of a grid of so many numbers along each of three axes, which lie so far apart, from ``base`` on."""
    for i in range(first):
        for j in range(second):
            for k in range(third):
                places[at] = base + i * one + j * two + k * three
                at += 1


@compiled
def place_phase(pixel: int, pixels: int, offset: int, offsets: int, begins: bool, phases: Any, at: int) -> None:
    """Where the pixels of a phase begin and how many there are, the places of what meets them likewise, and whether
    their sums begin with it."""
    phases[at], phases[at + 1], phases[at + 2], phases[at + 3], phases[at + 4] = pixel, pixels, offset, offsets, begins


@compiled
def pack(
    weight: Any,
    base: int,
    first: int,
    second: int,
    third: int,
    one: int,
    two: int,
    three: int,
    columns: int,
    apart: int,
    panel: int,
    packed: Any,
    at: int,
) -> None:
    """A panel: for each number of such a grid so many columns, which lie ``apart``, and zeros behind them."""
    for i in range(first):
        for j in range(second):
            for k in range(third):
                place = base + i * one + j * two + k * three
                for column in range(panel):
                    packed[at + column] = weight[place + column * apart] if column < columns else 0
                at += panel


@compiled
def fill(values: Any, number: float) -> None:
    """The same number everywhere."""
    values[:] = like(number, values[0])


@compiled
def add_rows(rows: Any, total: Any) -> None:
    """Add the sum of the rows to a vector."""
    for row in range(rows.shape[0]):
        for column in range(rows.shape[1]):
            total[column] += rows[row, column]
