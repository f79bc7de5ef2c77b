"""An average of the weights over the updates."""

from __future__ import annotations

from typing import Any

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Call, UpdateKernel, UpdatePart, kernel
from layerkit_numba.kernels.optimizers import count_step, in_pieces
from layerkit_numba.mathematics import like, natural


@compiled
def move_average(
    parameters: Any,
    average: Any,
    begun: Any,
    count: Any,
    ends: Any,
    decay: float,
    warm_up: bool,
    begin: int,
    end: int,
) -> None:
    """φ ← φ + (1 − d) (θ − φ), and φ ← θ where none has begun yet."""
    start = 0
    for which in range(count.size):
        number = count[which]
        own = min(decay, (1 + number) / (10 + number)) if warm_up else decay
        for place in range(natural(max(start, begin)), natural(max(start, begin, min(ends[which], end)))):
            mean = average[place]
            moved = mean + (parameters[place] - mean) * like(1 - own, mean)
            average[place] = parameters[place] if begun[place] == like(0, mean) else moved
            begun[place] = 1
        start = ends[which]


@kernel("layerkit.transforms.exponential_average:ExponentialAverage")
def _exponential_average(part: UpdatePart) -> UpdateKernel:
    numbers = float(part.component.decay), bool(part.component.warm_up)
    move = in_pieces(move_average, "parameters", "average", "begun", "count", "ends", *numbers)
    return UpdateKernel(
        after=(Call(count_step, "count"), move),
        states={"average": 0.0, "begun": 0.0},
        slice_numbers=("count",),
        arrays={"ends": part.ends},
    )
