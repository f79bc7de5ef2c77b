"""The cases of the built-in costs."""

from __future__ import annotations

from layerkit.testing.case import Cases

CROSS_ENTROPY: Cases = (
    {"targets": "one-hot", "input_shapes": [(3,), (2, 4)]},
    {"targets": "probabilities"},
)
BINARY_CROSS_ENTROPY: Cases = (
    {"targets": "unit", "input_shapes": [(1,), (3,), (2, 4)]},
    {"targets": "multi-hot", "input_shapes": [(1,), (3,)], "prediction_range": (-30.0, 30.0)},
)
QUADRATIC: Cases = ({"input_shapes": [(3,), (2, 4)]},)
