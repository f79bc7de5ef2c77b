"""The cases of the built-in activations."""

from __future__ import annotations

from layerkit.initializers.constant import Constant
from layerkit.testing.case import Cases
from layerkit.testing.suites import layer

UNSTANDARDIZE: Cases = (
    {
        "arguments": {"mean": -1.5, "deviation": 2.0},
        "bad_arguments": {"mean": [[], [float("inf")], "1"], "deviation": [0.0, -1.0, [1.0, 0.0]]},
    },
    {
        # one number for each of three features, so what takes other widths cannot be checked
        "arguments": {"mean": [1.0, -2.0, 1000.0], "deviation": [0.5, 3.0, 10.0]},
        "input_shapes": [(3,), (2, 3)],
        "checks": [check.name for check in layer.CHECKS],
    },
)
LEAKY_RELU: Cases = (
    {},
    {"arguments": {"negative_slope": 0.3}, "bad_arguments": {"negative_slope": [-0.1, 1.1]}},
)
PRELU: Cases = (
    {},
    {"arguments": {"shared": True, "initializer": Constant(0.1)}, "bad_arguments": {"shared": [1]}},
)
ALPHA: Cases = (
    {},
    {"arguments": {"alpha": 0.5}, "bad_arguments": {"alpha": [0.0, -1.0]}},
)
GELU: Cases = (
    {},
    {"arguments": {"approximate": True}, "bad_arguments": {"approximate": ["tanh", 1]}},
)
