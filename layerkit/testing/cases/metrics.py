"""The cases of the built-in metrics."""

from __future__ import annotations

from layerkit.testing.case import Cases

ACCURACY: Cases = (
    {"targets": "labels"},
    {"targets": "one-hot", "input_shapes": [(3,), (2, 4)]},
)
MEAN_SQUARED_ERROR: Cases = ({"input_shapes": [(3,), (2, 4)]},)
