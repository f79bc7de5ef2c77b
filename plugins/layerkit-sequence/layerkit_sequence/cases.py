"""The cases in which layerkit's conformance kit checks what this package brings."""

from __future__ import annotations

import numpy as np

from layerkit import Tanh
from layerkit.testing import Cases
from layerkit.types import Array


def _tokens(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.integers(0, 5, shape)


EMBEDDING: Cases = (
    {
        "arguments": {"count": 5, "width": 3},
        "bad_arguments": {"count": [0, 2.5], "width": [0]},
        "input_shapes": [(4,), (2, 3), ()],
        "inputs": _tokens,
    },
)
SIMPLE_RNN: Cases = (
    {"arguments": {"units": 3}, "bad_arguments": {"units": [0]}, "input_shapes": [(4, 2), (None, 3), (1, 1)]},
    {"arguments": {"units": 4, "return_sequences": False, "reverse": True}, "input_shapes": [(3, 2)]},
)
GRU: Cases = (
    {"arguments": {"units": 3}, "bad_arguments": {"units": [0]}, "input_shapes": [(4, 2), (None, 3), (1, 1)]},
    {"arguments": {"units": 4, "return_sequences": False, "reverse": True}, "input_shapes": [(3, 2)]},
)
LSTM: Cases = (
    {"arguments": {"units": 3}, "bad_arguments": {"units": [0]}, "input_shapes": [(4, 2), (None, 3), (1, 1)]},
    {"arguments": {"units": 4, "return_sequences": False, "reverse": True}, "input_shapes": [(3, 2)]},
)
MULTI_HEAD_SELF_ATTENTION: Cases = (
    {"arguments": {"heads": 2}, "bad_arguments": {"heads": [0]}, "input_shapes": [(4, 6), (None, 2), (1, 4)]},
    {"arguments": {"heads": 3, "causal": True}, "input_shapes": [(5, 3)]},
)
POSITIONAL_ENCODING: Cases = ({"bad_arguments": {"base": [1, -3]}, "input_shapes": [(4, 6), (3, 5), (None, 2)]},)
LAYER_NORMALIZATION: Cases = (
    {"bad_arguments": {"epsilon": [0, -1]}, "input_shapes": [(4,), (3, 5), (None, 2)]},
    {"arguments": {"epsilon": 0.1}, "input_shapes": [(3, 4)]},
)
LAST: Cases = ({"input_shapes": [(4, 2), (1, 3), (None, 2)]},)
MEAN_OVER_TIME: Cases = ({"input_shapes": [(4, 2), (1, 3), (None, 2)]},)
ORTHOGONAL: Cases = ({"bad_arguments": {"gain": [0, -1]}},)
EXACT_MATCH: Cases = (
    {"input_shapes": [(4, 3), (2, 2, 3)], "targets": "one-hot"},
    {"input_shapes": [(4, 3)], "targets": "labels"},
)
ADDITION: Cases = (
    {
        "arguments": {"train": 40, "test": 10},
        "bad_arguments": {"digits": [0, 10], "train": [0], "test": [0, 10**7], "seed": [-1]},
    },
)
STORIES: Cases = (
    {
        "arguments": {"train": 40, "test": 10},
        "bad_arguments": {"train": [0, 40_000], "test": [0], "seed": [-1]},
    },
)
MULTI_HEAD_CROSS_ATTENTION: Cases = (
    {
        "arguments": {"heads": 2},
        "bad_arguments": {"heads": [0]},
        "input_shapes": [((4, 6), (4, 3)), ((3, 4), (5, 2)), ((None, 2), (None, 4))],
    },
)
TRANSFORMER_BLOCK: Cases = (
    {
        "arguments": {"features": 4, "heads": 2, "hidden": 5, "activation": Tanh()},
        "bad_arguments": {"features": [0], "heads": [0], "hidden": [0], "causal": [1], "dropout": [1.0, -0.1]},
        "input_shapes": [(3, 4), (None, 4)],
    },
    {
        "arguments": {"features": 4, "heads": 1, "hidden": 3, "causal": True, "dropout": 0.2, "activation": Tanh()},
        "input_shapes": [(4, 4)],
        "keeps_mean": False,
    },
)
GATED_LINEAR_UNIT: Cases = (
    {"arguments": {"units": 3}, "bad_arguments": {"units": [0]}, "input_shapes": [(4,), (2, 3), (None, 3)]},
    {"arguments": {"units": 2, "activation": Tanh(), "use_bias": False}, "input_shapes": [(4,)]},
)
