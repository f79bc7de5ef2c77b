"""The cases of the built-in schedules."""

from __future__ import annotations

from layerkit.schedules.cosine import CosineDecay
from layerkit.testing.case import Cases

CONSTANT: Cases = ({"arguments": {"value": 0.1}, "reference": {0: 0.1, 1000: 0.1}},)
STEP: Cases = (
    {"arguments": {"initial": 1.0, "every": 2, "factor": 0.5}, "reference": {0: 1, 19: 1, 20: 0.5, 40: 0.25}},
    {"arguments": {"initial": 1.0, "every": 3, "unit": "step"}, "reference": {0: 1, 2: 1, 3: 0.1, 6: 0.01}},
)
COSINE: Cases = (
    {"arguments": {"initial": 1.0, "length": 4, "final": 0.2}, "reference": {0: 1, 20: 0.6, 40: 0.2, 99: 0.2}},
)
COSINE_RESTARTS: Cases = (
    {"arguments": {"initial": 1.0, "period": 2, "final": 0.2}, "reference": {0: 1, 10: 0.6, 20: 1, 50: 0.6}},
    {
        "arguments": {"initial": 1.0, "period": 1, "growth": 2},
        "reference": {0: 1, 5: 0.5, 10: 1, 20: 0.5, 30: 1, 50: 0.5},
    },
)
EXPONENTIAL: Cases = (
    {"arguments": {"initial": 1.0, "factor": 0.25}, "reference": {0: 1, 5: 0.5, 10: 0.25}},
    {"arguments": {"initial": 1.0, "factor": 0.5, "unit": "step"}, "reference": {0: 1, 1: 0.5, 3: 0.125}},
)
INVERSE_SQUARE_ROOT: Cases = (
    {"arguments": {"initial": 1.0, "after": 4, "unit": "step"}, "reference": {0: 1, 4: 1, 16: 0.5, 64: 0.25}},
)
ONE_CYCLE: Cases = (
    {
        "arguments": {"peak": 1.0, "length": 4, "rise": 0.5, "divide": 10, "final_divide": 5},
        "reference": {0: 0.1, 10: 0.55, 20: 1, 30: 0.51, 40: 0.02, 99: 0.02},
    },
)
PIECEWISE: Cases = (
    {"arguments": {"rates": [1.0, 0.5, 0.1], "boundaries": [2, 3]}, "reference": {0: 1, 19: 1, 20: 0.5, 30: 0.1}},
)
POLYNOMIAL: Cases = (
    {"arguments": {"initial": 1.0, "length": 4, "final": 0.2}, "reference": {0: 1, 20: 0.6, 40: 0.2, 99: 0.2}},
    {"arguments": {"initial": 1.0, "length": 4, "power": 2, "unit": "step"}, "reference": {0: 1, 2: 0.25, 4: 0}},
)
WARM_UP: Cases = (
    {"arguments": {"then": 1.0, "length": 2, "start": 0.2}, "reference": {0: 0.2, 10: 0.6, 20: 1, 99: 1}},
    {
        "arguments": {"then": CosineDecay(1.0, length=2), "length": 4, "unit": "step"},
        "reference": {0: 0, 2: 0.5, 4: 1, 14: 0.5, 24: 0},
    },
)
