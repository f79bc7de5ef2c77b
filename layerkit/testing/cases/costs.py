"""The cases of the built-in costs."""

from __future__ import annotations

from layerkit.testing.case import Cases

CROSS_ENTROPY: Cases = (
    {"targets": "one-hot", "input_shapes": [(3,), (2, 4)]},
    {"targets": "probabilities"},
)
QUADRATIC: Cases = ({"input_shapes": [(3,), (2, 4)]},)
