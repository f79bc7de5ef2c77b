"""Kernels of optimizers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from layerkit_numba import Call, UpdateKernel, UpdatePart, compiled, like

from layerkit import Adam, GradientDescent

from .fault import fault


@compiled
def heavy_step(parameters: Any, gradient: Any, velocity: Any, rate: float, momentum: float) -> None:
    for place in range(parameters.size):
        velocity[place] = velocity[place] * like(momentum, rate) + like(rate, rate) * gradient[place]
        parameters[place] -= velocity[place]


MOMENTUM: dict[str, Any] = {"arguments": {"learning_rate": 0.1, "momentum": 0.9}}


@fault("values", GradientDescent, **MOMENTUM)
def _RateInsideTheVelocity(part: UpdatePart) -> UpdateKernel:
    call = Call(heavy_step, "parameters", "gradient", "velocity", "rate", 0.9)
    return UpdateKernel(update=(call,), states={"velocity": 0.0})


@compiled
def negative_step(parameters: Any, gradient: Any, velocity: Any, rate: float, momentum: float) -> None:
    for place in range(parameters.size):
        velocity[place] = velocity[place] * like(momentum, gradient[place]) - gradient[place]
        parameters[place] += like(rate, gradient[place]) * velocity[place]


@fault("states", GradientDescent, **MOMENTUM)
def _StateOfTheOtherSign(part: UpdatePart) -> UpdateKernel:
    call = Call(negative_step, "parameters", "gradient", "velocity", "rate", 0.9)
    return UpdateKernel(update=(call,), states={"velocity": 0.0})


@compiled
def momentum_step(parameters: Any, gradient: Any, velocity: Any, rate: float, momentum: float) -> None:
    for place in range(parameters.size):
        velocity[place] = velocity[place] * like(momentum, gradient[place]) + gradient[place]
        parameters[place] -= like(rate, gradient[place]) * velocity[place]


@fault("descends-as-declared", GradientDescent, **MOMENTUM)
def _DescendsWithMomentum(part: UpdatePart) -> UpdateKernel:
    call = Call(momentum_step, "parameters", "gradient", "velocity", "rate", 0.9)
    return UpdateKernel(update=(call,), states={"velocity": 0.0}, descends=True)


@compiled
def adam_step(parameters: Any, gradient: Any, mean: Any, square: Any, count: Any, rate: float) -> None:
    for place in range(count.size):
        count[place] += 1
    root = math.sqrt(1 - 0.999 ** count[0])
    moved = rate * root / (1 - 0.9 ** count[0])
    for place in range(parameters.size):
        number = gradient[place]
        mean[place] = like(0.9, number) * mean[place] + like(1 - 0.9, number) * number
        square[place] = like(0.999, number) * square[place] + like(1 - 0.999, number) * number * number
        length = np.sqrt(square[place]) + like(1e-8 * root, number)
        parameters[place] -= like(moved, number) * mean[place] / length


@fault("thawed-late", Adam)
def _CorrectsAllAsTheFirst(part: UpdatePart) -> UpdateKernel:
    call = Call(adam_step, "parameters", "gradient", "mean", "square", "count", "rate")
    return UpdateKernel(update=(call,), states={"mean": 0.0, "square": 0.0}, slice_numbers=("count",))
