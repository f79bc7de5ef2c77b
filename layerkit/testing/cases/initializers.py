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
IDENTITY_MATRIX: Cases = ({"arguments": {"gain": 0.5}},)
LECUN: Cases = ({"variance": lambda fan_in, fan_out: 1 / fan_in},)
ORTHOGONAL: Cases = ({}, {"arguments": {"gain": 2.0}})
SPARSE: Cases = ({"arguments": {"zeros": 0.75, "deviation": 2.0}},)
TRUNCATED_NORMAL: Cases = (
    {"variance": lambda fan_in, fan_out: 1.0},
    {"arguments": {"deviation": 0.1, "mean": 2.0}, "variance": lambda fan_in, fan_out: 0.01, "mean": 2.0},
)
UNIFORM: Cases = ({"arguments": {"low": -0.3, "high": 0.9}, "variance": lambda fan_in, fan_out: 0.12, "mean": 0.3},)
VARIANCE_SCALING: Cases = (
    {"arguments": {"scale": 2.0}, "variance": lambda fan_in, fan_out: 2 / fan_in},
    {
        "arguments": {"mode": "fan_average", "distribution": "uniform"},
        "variance": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    },
    {
        "arguments": {"mode": "fan_out", "distribution": "truncated-normal"},
        "variance": lambda fan_in, fan_out: 1 / fan_out,
    },
)
