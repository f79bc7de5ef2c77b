"""The cases in which layerkit's conformance kit checks what this package brings."""

from __future__ import annotations

from layerkit import Tanh
from layerkit.testing import Cases

CONV2D: Cases = (
    {"arguments": {"filters": 4, "kernel_size": 3, "stride": 2, "padding": 1}, "input_shapes": [(5, 6, 2)]},
    {"arguments": {"filters": 4, "kernel_size": 2, "groups": 2}, "input_shapes": [(None, None, 2)]},
)
CONV_TRANSPOSE2D: Cases = (
    {"arguments": {"filters": 4, "kernel_size": 3, "stride": 2, "padding": 1}, "input_shapes": [(3, 4, 2)]},
    {"arguments": {"filters": 4, "kernel_size": 2, "groups": 2}, "input_shapes": [(None, None, 2)]},
)
MAX_POOL2D: Cases = ({"input_shapes": [(5, 6, 2), (None, None, 2)]},)
AVERAGE_POOL2D: Cases = ({"input_shapes": [(5, 6, 2), (None, None, 2)]},)
GLOBAL_MAX_POOL2D: Cases = ({"input_shapes": [(5, 6, 2), (None, None, 2)]},)
GLOBAL_AVERAGE_POOL2D: Cases = ({"input_shapes": [(5, 6, 2), (None, None, 2)]},)
CONV1D: Cases = (
    {
        "arguments": {"filters": 4, "kernel_size": 3, "padding": "causal", "dilation": 2, "activation": Tanh()},
        "bad_arguments": {
            "filters": [0],
            "kernel_size": [0, (2, 3)],
            "stride": [0],
            "padding": ["some", -1, (1, 2, 3)],
            "dilation": [0],
            "groups": [0, 3],
        },
        "input_shapes": [(6, 2), (None, 3)],
    },
    {
        "arguments": {"filters": 4, "kernel_size": 2, "padding": "same", "groups": 2},
        "input_shapes": [(5, 2), (None, 2)],
    },
    {"arguments": {"filters": 3, "kernel_size": 3, "stride": 2, "padding": (1, 0)}, "input_shapes": [(6, 2)]},
)
DEPTHWISE_CONV2D: Cases = (
    {
        "arguments": {"kernel_size": 3, "depth_multiplier": 2, "stride": 2, "padding": 1, "activation": Tanh()},
        "bad_arguments": {"kernel_size": [0], "depth_multiplier": [0], "stride": [0], "padding": ["some"]},
        "input_shapes": [(5, 6, 2), (None, None, 2)],
    },
)
SEPARABLE_CONV2D: Cases = (
    {
        "arguments": {"filters": 3, "kernel_size": 2, "depth_multiplier": 2, "padding": "same", "activation": Tanh()},
        "bad_arguments": {"filters": [0], "kernel_size": [0], "depth_multiplier": [0], "stride": [0]},
        "input_shapes": [(4, 3, 2), (None, None, 2)],
    },
)
MAX_POOL1D: Cases = (
    {"bad_arguments": {"pool_size": [0], "stride": [0], "padding": ["some", 2]}, "input_shapes": [(5, 2), (None, 2)]},
    {"arguments": {"pool_size": 3, "stride": 2, "padding": "same"}, "input_shapes": [(6, 2)]},
)
AVERAGE_POOL1D: Cases = (
    {"bad_arguments": {"pool_size": [0], "stride": [0], "padding": ["some", 2]}, "input_shapes": [(5, 2), (None, 2)]},
    {
        "arguments": {"pool_size": 3, "stride": 2, "padding": (1, 0), "count_include_pad": False},
        "input_shapes": [(6, 2)],
    },
)
ZERO_PADDING: Cases = (
    {"bad_arguments": {"padding": [-1, "same", ((1, 2, 3),)]}, "input_shapes": [(4, 2), (3, 4, 2), (None, None, 2)]},
    {"arguments": {"padding": ((0, 2), 1)}, "input_shapes": [(3, 4, 2)]},
)
CROPPING: Cases = (
    {"bad_arguments": {"cropping": [-1, "same", ()]}, "input_shapes": [(4, 2), (3, 4, 2), (None, None, 2)]},
    {"arguments": {"cropping": ((0, 2), 1)}, "input_shapes": [(3, 4, 2)]},
)
UP_SAMPLING: Cases = (
    {"bad_arguments": {"size": [0, 1.5, ()]}, "input_shapes": [(4, 2), (3, 4, 2), (None, None, 2)]},
    {"arguments": {"size": (1, 3)}, "input_shapes": [(3, 2, 2)]},
)
