"""What becomes of states, and of their gradients, at the edges of a walk through time and where steps do not count."""

from __future__ import annotations

from typing import Any

from layerkit_numba import compiled, natural


@compiled
def clear_rows(values: Any, begin: int, end: int) -> None:
    """Zeros from a place to another."""
    for place in range(natural(begin), natural(end)):
        values[place] = 0


@compiled
def carry(states: Any, before: int, after: int, units: int) -> None:
    """A state as it was: the step does not count."""
    for unit in range(natural(units)):
        states[after + unit] = states[before + unit]


@compiled
def give_step(states: Any, after: int, y: Any, place: int, units: int, counts: bool) -> None:
    """A step's output: its state, or zeros where it does not count."""
    target = natural(place * units)
    if counts:
        for unit in range(natural(units)):
            y[target + unit] = states[after + unit]
    else:
        for unit in range(natural(units)):
            y[target + unit] = 0


@compiled
def give_last(states: Any, y: Any, at: int, begin: int, end: int) -> None:
    """The last states, which begin at a place, as the output from ``begin`` to ``end``."""
    source = natural(at - begin)
    for place in range(natural(begin), natural(end)):
        y[place] = states[source + place]


@compiled
def begin_gradient(drift: Any, dy: Any, sequences: bool, begin: int, end: int) -> None:
    """The gradient with respect to the last states: zeros, where every step's output has its own."""
    if sequences:
        clear_rows(drift, begin, end)
    else:
        for place in range(natural(begin), natural(end)):
            drift[place] = dy[place]


@compiled
def take_step(drift: Any, own: int, dy: Any, place: int, units: int) -> None:
    """Add the gradient of a step's output to that with respect to its state."""
    source = natural(place * units)
    for unit in range(natural(units)):
        drift[own + unit] += dy[source + unit]
