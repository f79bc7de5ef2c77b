"""The cases of the built-in metrics."""

from __future__ import annotations

from layerkit.testing.case import Cases

_probabilities = (0.0, 1.0)
_binary = {"targets": "labels", "input_shapes": [(1,), (2, 1)], "prediction_range": _probabilities}
_labels = {"targets": "multi-hot", "input_shapes": [(3,), (2, 4)], "prediction_range": _probabilities}

ACCURACY: Cases = (
    {"targets": "labels"},
    {"targets": "one-hot", "input_shapes": [(3,), (2, 4)]},
    _binary,
)
BINARY_ACCURACY: Cases = (_binary, _labels, {"targets": "one-hot", "input_shapes": [(2,)]})
CLASS_SCORE: Cases = (
    {**_binary, "bad_arguments": {"average": ["samples", None, 1]}},
    {**_binary, "arguments": {"average": "binary"}},
    {**_binary, "arguments": {"average": "macro"}},
    {"targets": "labels", "input_shapes": [(3,), (2, 4)]},
    {"targets": "one-hot", "arguments": {"average": "micro"}},
    {"targets": "labels", "arguments": {"average": "weighted"}},
    _labels,
    {**_labels, "arguments": {"average": "weighted"}},
)
ROC_AUC: Cases = (
    {
        "targets": "labels",
        "input_shapes": [(1,), (2, 1), (2,)],
        "bad_arguments": {"average": ["auto", None, 1], "multi_class": ["raise", None]},
    },
    {"targets": "one-hot", "input_shapes": [(2,)]},
    {"targets": "labels", "arguments": {"average": "weighted"}, "input_shapes": [(3,), (2, 4)]},
    {"targets": "one-hot", "arguments": {"average": "micro"}},
    {"targets": "labels", "arguments": {"multi_class": "ovo"}, "input_shapes": [(3,)]},
    _labels,
)
EXCLUSIVE_SCORE: Cases = (
    _binary,
    {"targets": "labels", "input_shapes": [(3,), (2, 4)]},
    {"targets": "one-hot", "input_shapes": [(3,)]},
)
TOP_K: Cases = (
    {"targets": "labels", "arguments": {"k": 2}, "input_shapes": [(3,), (2, 4)], "bad_arguments": {"k": [0, 1.5]}},
    {"targets": "one-hot", "arguments": {"k": 1}, "input_shapes": [(4,)]},
)
CONFUSION: Cases = (*EXCLUSIVE_SCORE, _labels)
PROBABILITIES: Cases = (
    _binary,
    {"targets": "labels", "input_shapes": [(3,), (2, 4)], "prediction_range": _probabilities},
    {"targets": "one-hot", "input_shapes": [(2,), (3,)], "prediction_range": _probabilities},
    _labels,
)
CALIBRATION: Cases = (
    *PROBABILITIES,
    {**_binary, "arguments": {"bins": 15}, "bad_arguments": {"bins": [0, 2.5]}},
)
MEAN_SQUARED_ERROR: Cases = ({"input_shapes": [(3,), (2, 4)]},)
