"""The cases in which the built-in components are checked, by kind and name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from layerkit.activations.relu import ReLU
from layerkit.activations.sigmoid import Sigmoid
from layerkit.activations.tanh import Tanh
from layerkit.initializers.normal import Normal
from layerkit.layers.batch_normalization import BatchNormalization
from layerkit.layers.dense import Dense
from layerkit.layers.dropout import Dropout
from layerkit.models.sequential import Sequential
from layerkit.testing.rigs.update import SLICES
from layerkit.types import Array

Options = Mapping[str, Any]


def builtin_cases() -> dict[str, list[Options]]:
    """Options of ``check`` for what needs more than its defaults. A component that is not named here needs none."""
    chain = [Dense(4, activation=Tanh()), Dropout(0.3), BatchNormalization(), Dense(4)]
    return {
        "layers/dense": [
            {"arguments": {"units": 3}, "bad_arguments": {"units": [0, -1, 2.5, True]}},
            {
                "arguments": {"units": 2, "activation": Sigmoid(), "initializer": Normal(0.5), "use_bias": False},
                "input_shapes": [(4,), (None, 3)],
            },
        ],
        "layers/flatten": [{"input_shapes": [(4,), (2, 3), (2, 1, 3)]}],
        "layers/reshape": [{"arguments": {"shape": (2, 3)}, "input_shapes": [(6,), (3, 2)]}],
        "layers/dropout": [{"arguments": {"rate": 0.4}, "bad_arguments": {"rate": [-0.1, 1.0]}}],
        "layers/batch-normalization": [{}, {"arguments": {"momentum": 0.5, "epsilon": 1e-3}}],
        "layers/residual": [
            {"arguments": {"layer": Sequential([Dense(4), ReLU()])}, "input_shapes": [(4,), (2, 4)]},
            {"arguments": {"layer": Dropout(0.3)}},
        ],
        "layers/rescale": [{}, {"arguments": {"scale": 0.5, "offset": -1.0}}],
        "layers/sequential": [{"arguments": {"layers": chain}, "input_shapes": [(4,), (3, 2)]}],
        "costs/cross-entropy": [{"targets": "one-hot", "input_shapes": [(3,), (2, 4)]}, {"targets": "unit"}],
        "costs/quadratic": [{"input_shapes": [(3,), (2, 4)]}],
        "optimizers/gradient-descent": [
            {"arguments": {"learning_rate": 0.1}, "reference": _descent},
            {"arguments": {"learning_rate": 0.1, "momentum": 0.9}, "reference": _momentum},
            {"arguments": {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}, "reference": _nesterov},
        ],
        "optimizers/adam": [{"reference": _adam}],
        "transforms/clip-norm": [{"arguments": {"limit": 1.0}, "reference": _clipped}],
        "transforms/weight-decay": [{"arguments": {"rate": 0.1}, "reference": _decayed}],
        "schedules/constant": [{"arguments": {"value": 0.1}, "reference": {0: 0.1, 1000: 0.1}}],
        "schedules/step": [
            {"arguments": {"initial": 1.0, "every": 2, "factor": 0.5}, "reference": {0: 1, 19: 1, 20: 0.5, 40: 0.25}},
            {"arguments": {"initial": 1.0, "every": 3, "unit": "step"}, "reference": {0: 1, 2: 1, 3: 0.1, 6: 0.01}},
        ],
        "schedules/cosine": [
            {"arguments": {"initial": 1.0, "length": 4, "final": 0.2}, "reference": {0: 1, 20: 0.6, 40: 0.2, 99: 0.2}}
        ],
        "initializers/glorot": [{"variance": lambda fan_in, fan_out: 2 / (fan_in + fan_out)}],
        "initializers/he": [{"variance": lambda fan_in, fan_out: 2 / fan_in}],
        "initializers/normal": [
            {"variance": lambda fan_in, fan_out: 1.0},
            {"arguments": {"deviation": 0.1, "mean": 2.0}, "variance": lambda fan_in, fan_out: 0.01, "mean": 2.0},
        ],
        "initializers/zeros": [{"variance": lambda fan_in, fan_out: 0.0}],
        "initializers/constant": [{"arguments": {"value": 2.0}, "variance": lambda fan_in, fan_out: 0.0, "mean": 2.0}],
        "metrics/accuracy": [{"targets": "labels"}, {"targets": "one-hot", "input_shapes": [(3,), (2, 4)]}],
        "metrics/mean-squared-error": [{"input_shapes": [(3,), (2, 4)]}],
        "datasets/mnist": [{"arguments": {"data_dir": "no such folder"}, "needs_data": True}],
        "datasets/idx": [
            {"arguments": {"images": "no such images.idx", "labels": "no such labels.idx"}, "needs_data": True}
        ],
        "datasets/npz": [{"arguments": {"path": "no such file.npz"}, "needs_data": True}],
        "datasets/csv": [{"arguments": {"path": "no such file.csv"}, "needs_data": True}],
    }


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


def _clipped(parameters: Array, gradient: Array, rate: float) -> tuple[Array, Array]:
    return gradient * min(1.0, 1.0 / math.sqrt(float(gradient @ gradient))), parameters


def _decayed(parameters: Array, gradient: Array, rate: float) -> tuple[Array, Array]:
    decayed = parameters.copy()
    for place in SLICES:
        if "bias" not in place.tags:
            decayed[place.start : place.stop] *= 1 - rate * 0.1
    return gradient, decayed
