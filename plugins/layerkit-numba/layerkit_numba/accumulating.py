"""What becomes of gradients and states when a step has several batches, or a layer several places."""

from __future__ import annotations

from typing import Any

from layerkit_numba.compilation import compiled
from layerkit_numba.mathematics import like
from layerkit_numba.operands import NUMBERS
from layerkit_numba.walking import GO_ON, SKIP

_WEIGHT = NUMBERS.index("weight")


@compiled
def clear(gradient: Any) -> None:
    """Zeros: nobody makes this gradient."""
    gradient[:] = 0


@compiled
def gather_gradient(gathered: Any, gradient: Any, batch: int, accumulate: int) -> None:
    """Add a batch's gradient to those of its step."""
    if batch % accumulate == 0:
        gathered[:] = 0
    for place in range(gradient.size):
        gathered[place] += gradient[place]


@compiled
def await_step(batch: int, last: int, accumulate: int) -> int:
    """Leave out the update until the last batch of a step."""
    return SKIP if batch % accumulate != accumulate - 1 and batch != last else GO_ON


@compiled
def average_gradient(gathered: Any, gradient: Any, results: Any, numbers: Any, slot: int) -> None:
    """The gradient of the whole step, over what all its examples weigh."""
    weight = results[slot, 1]
    numbers[_WEIGHT] = weight
    factor = 1 / weight if weight != 0 else 0.0
    for place in range(gradient.size):
        gradient[place] = gathered[place] * like(factor, gradient[place])


@compiled
def clear_proposals(proposals: Any, batch: int, accumulate: int) -> None:
    """Begin a step's sums of proposals."""
    if batch % accumulate == 0:
        proposals[:] = 0


@compiled
def gather_proposal(total: Any, new: Any, weight: float) -> None:
    """Add what a batch proposes for a state, by what it weighs."""
    for place in range(total.size):
        total[place] += new[place] * weight


@compiled
def commit(state: Any, new: Any, weight: float) -> None:
    """Take what was proposed for a state, unless the examples weigh nothing."""
    if weight > 0:
        state[:] = new


@compiled
def commit_average(state: Any, total: Any, weight: float, count: int) -> None:
    """Take the average of what was proposed, by ``count`` places of a layer."""
    if weight > 0:
        for place in range(state.size):
            state[place] = total[place] / (weight * count)
