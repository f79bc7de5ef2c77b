"""The cases of the built-in optimizers."""

from __future__ import annotations

import math

import numpy as np

from layerkit.testing.case import Cases
from layerkit.testing.rigs.updates import SLICES
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


def _adamw(parameters: Array, gradients: list[Array], rate: float) -> Array:
    mean = square = 0 * parameters
    decays = np.zeros_like(parameters)
    for place in SLICES:
        decays[place.start : place.stop] = 0.0 if "bias" in place.tags else 0.1
    for step, gradient in enumerate(gradients, start=1):
        parameters = parameters - rate * decays * parameters
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        root = (square / (1 - 0.999**step)) ** 0.5
        parameters = parameters - rate * mean / (1 - 0.9**step) / (root + 1e-8)
    return parameters


def _amsgrad(parameters: Array, gradients: list[Array], rate: float) -> Array:
    mean = square = largest = 0 * parameters
    for step, gradient in enumerate(gradients, start=1):
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        largest = np.maximum(largest, square)
        root = (largest / (1 - 0.999**step)) ** 0.5
        parameters = parameters - rate * mean / (1 - 0.9**step) / (root + 1e-8)
    return parameters


def _nadam(parameters: Array, gradients: list[Array], rate: float) -> Array:
    mean = square = 0 * parameters
    product = 1.0
    for step, gradient in enumerate(gradients, start=1):
        momenta = [0.9 * (1 - 0.5 * 0.96 ** (each * 0.004)) for each in (step, step + 1)]
        product *= momenta[0]
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        root = (square / (1 - 0.999**step)) ** 0.5
        ahead = momenta[1] * mean / (1 - product * momenta[1]) + (1 - momenta[0]) * gradient / (1 - product)
        parameters = parameters - rate * ahead / (root + 1e-8)
    return parameters


def _lion(parameters: Array, gradients: list[Array], rate: float) -> Array:
    mean = 0 * parameters
    for gradient in gradients:
        parameters = parameters - rate * np.sign(0.9 * mean + 0.1 * gradient)
        mean = 0.99 * mean + 0.01 * gradient
    return parameters


def _rms_prop(parameters: Array, gradients: list[Array], rate: float) -> Array:
    square = 0 * parameters
    for gradient in gradients:
        square = 0.9 * square + 0.1 * gradient**2
        parameters = parameters - rate * gradient / (square**0.5 + 1e-8)
    return parameters


def _centered(parameters: Array, gradients: list[Array], rate: float) -> Array:
    square = mean = velocity = 0 * parameters
    for gradient in gradients:
        square = 0.8 * square + 0.2 * gradient**2
        mean = 0.8 * mean + 0.2 * gradient
        velocity = 0.5 * velocity + gradient / ((square - mean**2) ** 0.5 + 1e-4)
        parameters = parameters - rate * velocity
    return parameters


def _adagrad(parameters: Array, gradients: list[Array], rate: float) -> Array:
    square = 0 * parameters
    for gradient in gradients:
        square = square + gradient**2
        parameters = parameters - rate * gradient / (square**0.5 + 1e-10)
    return parameters


def _adadelta(parameters: Array, gradients: list[Array], rate: float) -> Array:
    square = moved = 0 * parameters
    for gradient in gradients:
        square = 0.9 * square + 0.1 * gradient**2
        move = gradient * (moved + 1e-6) ** 0.5 / (square + 1e-6) ** 0.5
        moved = 0.9 * moved + 0.1 * move**2
        parameters = parameters - rate * move
    return parameters


def _muon(parameters: Array, gradients: list[Array], rate: float) -> Array:
    moved, velocity = _adam(parameters, gradients, rate), 0 * parameters
    found = parameters.copy()
    for gradient in gradients:
        velocity = 0.95 * velocity + gradient
        for place in SLICES:
            if len(place.shape) == 2:
                matrix = (gradient + 0.95 * velocity)[place.start : place.stop].reshape(place.shape)
                matrix = matrix / math.sqrt(float((matrix**2).sum()))
                for _ in range(5):
                    cubic = matrix @ matrix.T @ matrix
                    matrix = 3.4445 * matrix - 4.775 * cubic + 2.0315 * (matrix @ matrix.T @ cubic)
                length = 0.2 * rate * math.sqrt(max(place.shape))
                found[place.start : place.stop] -= length * matrix.ravel()
    for place in SLICES:
        if len(place.shape) == 1:
            found[place.start : place.stop] = moved[place.start : place.stop]
    return found


GRADIENT_DESCENT: Cases = (
    {"arguments": {"learning_rate": 0.1}, "reference": _descent},
    {"arguments": {"learning_rate": 0.1, "momentum": 0.9}, "reference": _momentum},
    {"arguments": {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}, "reference": _nesterov},
)
ADAM: Cases = ({"reference": _adam},)
ADADELTA: Cases = ({"reference": _adadelta, "learning_rate": 1.0},)
ADAGRAD: Cases = ({"reference": _adagrad},)
ADAMW: Cases = ({"arguments": {"weight_decay": 0.1}, "reference": _adamw},)
AMSGRAD: Cases = ({"reference": _amsgrad},)
LBFGS: Cases = ({}, {"arguments": {"memory": 2, "evaluations": 5}})
LION: Cases = ({"reference": _lion},)
MUON: Cases = ({"reference": _muon},)
NADAM: Cases = ({"reference": _nadam},)
RMS_PROP: Cases = (
    {"reference": _rms_prop},
    {"arguments": {"rho": 0.8, "momentum": 0.5, "epsilon": 1e-4, "centered": True}, "reference": _centered},
)
