"""The cases of the built-in schedules."""

from __future__ import annotations

from layerkit.testing.case import Cases

CONSTANT: Cases = ({"arguments": {"value": 0.1}, "reference": {0: 0.1, 1000: 0.1}},)
STEP: Cases = (
    {"arguments": {"initial": 1.0, "every": 2, "factor": 0.5}, "reference": {0: 1, 19: 1, 20: 0.5, 40: 0.25}},
    {"arguments": {"initial": 1.0, "every": 3, "unit": "step"}, "reference": {0: 1, 2: 1, 3: 0.1, 6: 0.01}},
)
COSINE: Cases = (
    {"arguments": {"initial": 1.0, "length": 4, "final": 0.2}, "reference": {0: 1, 20: 0.6, 40: 0.2, 99: 0.2}},
)
