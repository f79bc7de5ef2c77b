"""The cases of the built-in callbacks; each check runs in a working directory of its own."""

from __future__ import annotations

from layerkit.testing.case import Cases

EARLY_STOPPING: Cases = (
    {"bad_arguments": {"patience": [0, 1.5], "mode": ["up"], "minimum_change": [-1]}},
    {"arguments": {"monitor": "cost", "patience": 1, "minimum_change": 0.01}},
    {"arguments": {"monitor": "validation_mean_squared_error", "patience": 3, "restore_best": True}},
)
CSV_LOG: Cases = ({"arguments": {"path": "history.csv"}},)
JSON_LINES: Cases = ({"arguments": {"path": "history.jsonl"}},)
CHECKPOINT: Cases = (
    {"arguments": {"path": "run.safetensors"}, "bad_arguments": {"keep": [0], "every_epochs": [0], "mode": ["up"]}},
    {"arguments": {"path": "checkpoints", "every_steps": 3, "keep": 2, "best": "validation_cost"}},
)
PROGRESS_DISPLAY: Cases = ({}, {"arguments": {"columns": {"epoch": "epoch", "cost": "cost"}}})
DIAGNOSIS: Cases = (
    {"bad_arguments": {"silence": ["flat", ["no-such-name"]]}},
    {"arguments": {"silence": ["flat", "dead"]}},
)
