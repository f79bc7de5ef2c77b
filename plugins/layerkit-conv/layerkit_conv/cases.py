"""The cases in which layerkit's conformance kit checks what this package brings."""

from __future__ import annotations

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
