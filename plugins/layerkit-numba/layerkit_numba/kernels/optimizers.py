"""The built-in optimizers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from layerkit.types import Array
from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Argument, Call, UpdateKernel, UpdatePart, kernel
from layerkit_numba.mathematics import like, natural
from layerkit_numba.writer import GRAIN


@compiled
def descend(parameters: Any, gradient: Any, rate: float, begin: int, end: int) -> None:
    """θ ← θ − η g."""
    for place in range(natural(begin), natural(end)):
        parameters[place] -= like(rate, gradient[place]) * gradient[place]


@compiled
def momentum_step(
    parameters: Any, gradient: Any, velocity: Any, rate: float, momentum: float, begin: int, end: int
) -> None:
    """v ← μ v + g; θ ← θ − η v."""
    for place in range(natural(begin), natural(end)):
        number = gradient[place]
        moved = velocity[place] * like(momentum, number) + number
        velocity[place] = moved
        parameters[place] -= like(rate, number) * moved


@compiled
def nesterov_step(
    parameters: Any, gradient: Any, velocity: Any, rate: float, momentum: float, begin: int, end: int
) -> None:
    """v ← μ v + g; θ ← θ − η (g + μ v)."""
    for place in range(natural(begin), natural(end)):
        number = gradient[place]
        moved = velocity[place] * like(momentum, number) + number
        velocity[place] = moved
        parameters[place] -= like(rate, number) * (moved * like(momentum, number) + number)


@compiled
def count_step(count: Any) -> None:
    """One step more, of each slice."""
    for place in range(count.size):
        count[place] += 1


@compiled
def adam_step(
    parameters: Any,
    gradient: Any,
    mean: Any,
    square: Any,
    count: Any,
    ends: Any,
    rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    begin: int,
    end: int,
) -> None:
    """Adam's update, with both corrections in the rate and ε, as the optimizer itself has them."""
    start = 0
    for last in range(count.size):
        # neighbours of the same count are moved together
        if last + 1 < count.size and count[last + 1] == count[last]:
            continue
        root = math.sqrt(1 - beta2 ** count[last])
        moved = rate * root / (1 - beta1 ** count[last])
        own = slice(max(start, begin), max(start, begin, min(ends[last], end)))
        adam_move(parameters[own], gradient[own], mean[own], square[own], moved, epsilon * root, beta1, beta2)
        start = ends[last]


@compiled
def adam_move(
    parameters: Any,
    gradient: Any,
    mean: Any,
    square: Any,
    rate: float,
    epsilon: float,
    beta1: float,
    beta2: float,
) -> None:
    """m and v become the running means of g and g²; θ ← θ − rate · m / (√v + ε)."""
    for place in range(parameters.size):
        number = gradient[place]
        mean[place] = mean[place] * like(beta1, number) + number * like(1 - beta1, number)
        square[place] = square[place] * like(beta2, number) + number * number * like(1 - beta2, number)
        length = np.sqrt(square[place]) + like(epsilon, number)
        parameters[place] -= mean[place] / length * like(rate, number)


@kernel("layerkit.optimizers.gradient_descent:GradientDescent")
def _gradient_descent(part: UpdatePart) -> UpdateKernel:
    optimizer = part.component
    if not optimizer.momentum:
        return UpdateKernel(update=(in_pieces(descend, "parameters", "gradient", "rate"),), descends=True)
    step = nesterov_step if optimizer.nesterov else momentum_step
    numbers = ("parameters", "gradient", "velocity", "rate", float(optimizer.momentum))
    return UpdateKernel(update=(in_pieces(step, *numbers),), states={"velocity": 0.0})


@kernel("layerkit.optimizers.adam:Adam")
def _adam(part: UpdatePart) -> UpdateKernel:
    return adam_kernel(part)


def adam_kernel(part: UpdatePart, *, before: tuple[Call, ...] = (), **arrays: Array) -> UpdateKernel:
    """Adam's update, behind other calls, with what these know by name."""
    optimizer = part.component
    constants = (float(optimizer.beta1), float(optimizer.beta2), float(optimizer.epsilon))
    numbers = ("parameters", "gradient", "mean", "square", "count", "ends", "rate", *constants)
    return UpdateKernel(
        update=(*before, Call(count_step, "count"), in_pieces(adam_step, *numbers)),
        states={"mean": 0.0, "square": 0.0},
        slice_numbers=("count",),
        arrays=arrays | {"ends": part.ends},
    )


def in_pieces(function: Any, *arguments: Argument) -> Call:
    """A call that goes over all parameters, and may be cut anywhere."""
    return Call(function, *arguments, "begin", "end", over="parameters:size", grain=GRAIN)
