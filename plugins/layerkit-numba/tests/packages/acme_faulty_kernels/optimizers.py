"""Kernels of optimizers."""

from __future__ import annotations

from typing import Any

from layerkit_numba import Call, UpdateKernel, UpdatePart, compiled, like

from layerkit import GradientDescent

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
