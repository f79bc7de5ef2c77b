"""The cases of the built-in costs."""

from __future__ import annotations

from layerkit.testing.case import Cases

CROSS_ENTROPY: Cases = (
    {"targets": "one-hot", "input_shapes": [(3,), (2, 4)]},
    {"targets": "probabilities"},
    {"arguments": {"label_smoothing": 0.1}, "bad_arguments": {"label_smoothing": [-0.1, 1.1]}, "targets": "one-hot"},
)
BINARY_CROSS_ENTROPY: Cases = (
    {"targets": "unit", "input_shapes": [(1,), (3,), (2, 4)]},
    {"targets": "multi-hot", "input_shapes": [(1,), (3,)], "prediction_range": (-30.0, 30.0)},
    {"arguments": {"label_smoothing": 0.1}, "bad_arguments": {"label_smoothing": [-0.1, 1.1]}, "targets": "multi-hot"},
)
QUADRATIC: Cases = ({"input_shapes": [(3,), (2, 4)]},)
ABSOLUTE_ERROR: Cases = ({"input_shapes": [(1,), (3,), (2, 4)]},)
HUBER: Cases = (
    {"input_shapes": [(3,), (2, 4)], "bad_arguments": {"delta": [0.0, -1.0]}},
    {"arguments": {"delta": 0.3}},
)
LOG_COSH: Cases = ({"input_shapes": [(3,), (2, 4)]},)
QUANTILE: Cases = (
    {"bad_arguments": {"quantiles": [0.0, 1.0, [], [0.5, 1.5]]}},
    {"arguments": {"quantiles": [0.1, 0.5, 0.9]}, "input_shapes": [(3,), (2, 6)]},
)
POISSON: Cases = ({"targets": "unit", "input_shapes": [(1,), (3,), (2, 4)]},)
COSINE_SIMILARITY: Cases = ({"input_shapes": [(3,), (2, 4)]},)
KULLBACK_LEIBLER: Cases = (
    {"targets": "probabilities", "input_shapes": [(3,), (2, 4)]},
    {"targets": "one-hot"},
)
FOCAL: Cases = (
    {"targets": "one-hot", "input_shapes": [(3,), (2, 4)], "bad_arguments": {"gamma": [-1.0]}},
    {"arguments": {"gamma": 0.5}, "targets": "probabilities"},
)
CATEGORICAL_HINGE: Cases = ({"targets": "one-hot", "input_shapes": [(3,), (2, 4)]},)
BINARY_FOCAL: Cases = (
    {"targets": "unit", "input_shapes": [(1,), (3,), (2, 4)], "bad_arguments": {"gamma": [-1.0]}},
    {"arguments": {"gamma": 0.5}, "targets": "multi-hot", "prediction_range": (-30.0, 30.0)},
)
HINGE: Cases = ({"targets": "multi-hot", "input_shapes": [(1,), (3,), (2, 4)]},)
