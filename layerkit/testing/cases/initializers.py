"""The cases of the built-in initializers."""

from __future__ import annotations

from layerkit.testing.case import Cases

GLOROT: Cases = ({"variance": lambda fan_in, fan_out: 2 / (fan_in + fan_out)},)
HE: Cases = ({"variance": lambda fan_in, fan_out: 2 / fan_in},)
NORMAL: Cases = (
    {"variance": lambda fan_in, fan_out: 1.0},
    {"arguments": {"deviation": 0.1, "mean": 2.0}, "variance": lambda fan_in, fan_out: 0.01, "mean": 2.0},
)
ZEROS: Cases = ({"variance": lambda fan_in, fan_out: 0.0},)
CONSTANT: Cases = ({"arguments": {"value": 2.0}, "variance": lambda fan_in, fan_out: 0.0, "mean": 2.0},)
