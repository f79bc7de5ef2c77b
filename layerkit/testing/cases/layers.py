"""The cases of the built-in layers."""

from __future__ import annotations

import numpy as np

from layerkit.activations.relu import ReLU
from layerkit.activations.sigmoid import Sigmoid
from layerkit.activations.tanh import Tanh
from layerkit.initializers.normal import Normal
from layerkit.layers.batch_normalization import BatchNormalization
from layerkit.layers.dense import Dense
from layerkit.layers.dropout import Dropout
from layerkit.models.sequential import Sequential
from layerkit.testing.case import Cases
from layerkit.types import Array


def tokens(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Words of a vocabulary of five."""
    return rng.integers(0, 5, shape)


EMBEDDING: Cases = (
    {
        "arguments": {"count": 5, "width": 3},
        "bad_arguments": {"count": [0, 2.5], "width": [0]},
        "input_shapes": [(4,), (2, 3), ()],
        "inputs": tokens,
    },
)
LAYER_NORMALIZATION: Cases = (
    {"bad_arguments": {"epsilon": [0, -1]}, "input_shapes": [(4,), (3, 5), (None, 2)]},
    {"arguments": {"epsilon": 0.1}, "input_shapes": [(3, 4)]},
)
DENSE: Cases = (
    {"arguments": {"units": 3}, "bad_arguments": {"units": [0, -1, 2.5, True]}},
    {
        "arguments": {"units": 2, "activation": Sigmoid(), "initializer": Normal(0.5), "use_bias": False},
        "input_shapes": [(4,), (None, 3)],
    },
)
FLATTEN: Cases = ({"input_shapes": [(4,), (2, 3), (2, 1, 3)]},)
RESHAPE: Cases = ({"arguments": {"shape": (2, 3)}, "input_shapes": [(6,), (3, 2)]},)
DROPOUT: Cases = ({"arguments": {"rate": 0.4}, "bad_arguments": {"rate": [-0.1, 1.0]}},)
BATCH_NORMALIZATION: Cases = (
    {},
    {"arguments": {"momentum": 0.5, "epsilon": 1e-3}},
)
RESIDUAL: Cases = (
    {"arguments": {"layer": Sequential([Dense(4), ReLU()])}, "input_shapes": [(4,), (2, 4)]},
    {"arguments": {"layer": Dropout(0.3)}},
)
RESCALE: Cases = (
    {},
    {"arguments": {"scale": 0.5, "offset": -1.0}},
)
STANDARDIZE: Cases = ({"input_shapes": [(4,), (None, 3), (2, 3, 2)]},)
SEQUENTIAL: Cases = (
    {
        "arguments": {"layers": [Dense(4, activation=Tanh()), Dropout(0.3), BatchNormalization(), Dense(4)]},
        "input_shapes": [(4,), (3, 2)],
    },
)
RMS_NORMALIZATION: Cases = (
    {"bad_arguments": {"epsilon": [0, -1]}, "input_shapes": [(4,), (3, 5), (None, 2)]},
    {"arguments": {"epsilon": 0.1}, "input_shapes": [(3, 4)]},
)
GROUP_NORMALIZATION: Cases = (
    {
        "arguments": {"groups": 2},
        "bad_arguments": {"groups": [0, 1.5], "epsilon": [0]},
        "input_shapes": [(4,), (3, 6), (None, 4), (2, 3, 4)],
    },
    {"arguments": {"groups": 1, "epsilon": 0.1}, "input_shapes": [(4,), (3, 5)]},
)
GAUSSIAN_NOISE: Cases = ({"arguments": {"deviation": 0.3}, "bad_arguments": {"deviation": [-0.1]}},)
GAUSSIAN_DROPOUT: Cases = ({"arguments": {"rate": 0.3}, "bad_arguments": {"rate": [-0.1, 1.0]}},)
SPATIAL_DROPOUT: Cases = (
    {
        "arguments": {"rate": 0.3},
        "bad_arguments": {"rate": [-0.1, 1.0]},
        "input_shapes": [(4,), (3, 5), (None, 3), (2, 3, 2)],
    },
)
ALPHA_DROPOUT: Cases = ({"arguments": {"rate": 0.3}, "bad_arguments": {"rate": [-0.1, 1.0]}, "keeps_mean": False},)
SCALE: Cases = ({"input_shapes": [(4,), (3, 5), (None, 2)]}, {"arguments": {"initializer": Normal(0.5)}})
BIAS: Cases = ({"input_shapes": [(4,), (3, 5), (None, 2)]}, {"arguments": {"initializer": Normal(0.5)}})
MAXOUT: Cases = (
    {
        "arguments": {"units": 3},
        "bad_arguments": {"units": [0, 1.5], "pieces": [0]},
        "input_shapes": [(4,), (2, 3), (None, 3)],
    },
    {"arguments": {"units": 2, "pieces": 3, "initializer": Normal(0.5), "use_bias": False}},
)
HIGHWAY: Cases = (
    {"arguments": {"layer": Sequential([Dense(4, activation=Tanh())])}, "input_shapes": [(4,), (2, 4), (None, 4)]},
    {"arguments": {"layer": Dropout(0.3), "bias_initializer": Normal(0.5)}},
)
