"""The cases of the built-in activations."""

from __future__ import annotations

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
