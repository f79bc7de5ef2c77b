"""What a batch weighs: the sum of its costs, and the factor of its gradient."""

from __future__ import annotations

import math
from typing import Any

from layerkit_numba.compilation import compiled
from layerkit_numba.mathematics import like
from layerkit_numba.operands import NUMBERS
from layerkit_numba.rows import SMALLEST_SUM
from layerkit_numba.walking import GO_ON, STOP

_RATE, _WEIGHT, _FACTOR = (NUMBERS.index(name) for name in ("rate", "weight", "factor"))


@compiled
def weigh(costs: Any, results: Any, numbers: Any, batch: int, slot: int, accumulate: int, descends: bool) -> int:
    """Add up the costs of a batch of equal examples; the factor of its gradient is noted."""
    total = 0.0
    for row in range(costs.shape[0]):
        total += costs[row]
    weight = float(costs.shape[0])
    scale = -numbers[_RATE] if descends else 1.0
    numbers[_FACTOR] = like(scale / weight, costs[0])
    return note(results, numbers, batch, slot, accumulate, total, weight)


@compiled
def weigh_examples(
    costs: Any,
    gradient: Any,
    weights: Any,
    order: Any,
    first: int,
    results: Any,
    numbers: Any,
    batch: int,
    slot: int,
    accumulate: int,
    descends: bool,
) -> int:
    """Add up the costs of a batch of weighted examples, and scale its gradient, ``(n, values)``."""
    rounded = exact = total = 0.0
    for row in range(costs.shape[0]):
        weight = weights[order[first + row]]
        # as the component has it, in the model's dtype; what is too small for that counts all the same
        rounded += like(weight, costs[row])
        exact += weight
        total += costs[row] * weight
    sum_of_weights = rounded if rounded > SMALLEST_SUM else exact
    scale = -numbers[_RATE] if descends else 1.0
    if accumulate == 1 and sum_of_weights != 0:
        scale /= sum_of_weights
    for row in range(gradient.shape[0]):
        factor = weights[order[first + row]] * scale
        for place in range(gradient.shape[1]):
            gradient[row, place] *= like(factor, gradient[row, place])
    return note(results, numbers, batch, slot, accumulate, total, sum_of_weights)


@compiled
def note(results: Any, numbers: Any, batch: int, slot: int, accumulate: int, total: float, weight: float) -> int:
    """Note what a batch costs and weighs, or stop."""
    if not math.isfinite(total):
        return STOP
    numbers[_WEIGHT] = weight
    if batch % accumulate == 0:
        results[slot, 0] = 0.0
        results[slot, 1] = 0.0
    results[slot, 0] += total
    results[slot, 1] += weight
    return GO_ON


@compiled
def scale_by(gradient: Any, factor: float) -> None:
    """Multiply each number."""
    for place in range(gradient.size):
        gradient[place] *= like(factor, gradient[place])
