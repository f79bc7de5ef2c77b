"""The cases of the built-in optimizers."""

from __future__ import annotations

from layerkit.testing.case import Cases
from layerkit.types import Array


def _descent(parameters: Array, gradients: list[Array], rate: float) -> Array:
    for gradient in gradients:
        parameters = parameters - rate * gradient
    return parameters


def _momentum(parameters: Array, gradients: list[Array], rate: float) -> Array:
    velocity = 0 * parameters
    for gradient in gradients:
        velocity = 0.9 * velocity + gradient
        parameters = parameters - rate * velocity
    return parameters


def _nesterov(parameters: Array, gradients: list[Array], rate: float) -> Array:
    velocity = 0 * parameters
    for gradient in gradients:
        velocity = 0.9 * velocity + gradient
        parameters = parameters - rate * (gradient + 0.9 * velocity)
    return parameters


def _adam(parameters: Array, gradients: list[Array], rate: float) -> Array:
    mean = square = 0 * parameters
    for step, gradient in enumerate(gradients, start=1):
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        root = (square / (1 - 0.999**step)) ** 0.5
        parameters = parameters - rate * mean / (1 - 0.9**step) / (root + 1e-8)
    return parameters


GRADIENT_DESCENT: Cases = (
    {"arguments": {"learning_rate": 0.1}, "reference": _descent},
    {"arguments": {"learning_rate": 0.1, "momentum": 0.9}, "reference": _momentum},
    {"arguments": {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}, "reference": _nesterov},
)
ADAM: Cases = ({"reference": _adam},)
