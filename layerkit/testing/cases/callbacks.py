"""The cases of the built-in callbacks; each check runs in a working directory of its own."""

from __future__ import annotations

from layerkit.testing.case import Cases

EARLY_STOPPING: Cases = (
    {"bad_arguments": {"patience": [0, 1.5], "mode": ["up"], "minimum_change": [-1]}},
    {"arguments": {"monitor": "cost", "patience": 1, "minimum_change": 0.01}},
    {"arguments": {"monitor": "validation_mean_squared_error", "patience": 3, "restore_best": True}},
)
REDUCE_ON_PLATEAU: Cases = (
    {"bad_arguments": {"factor": [0, 1, 2], "patience": [0, 1.5], "mode": ["up"], "cooldown": [-1]}},
    {"arguments": {"monitor": "cost", "patience": 1, "factor": 0.5, "minimum_change": 0.01}},
    {
        "arguments": {
            "monitor": "validation_mean_squared_error",
            "patience": 1,
            "minimum_change": 1.0,
            "cooldown": 1,
            "minimum_rate": 0.02,
        }
    },
)
TIME_LIMIT: Cases = ({"arguments": {"seconds": 1e9}, "bad_arguments": {"seconds": [0, -1, "1"], "interrupt": ["no"]}},)
LEARNING_RATE_LOG: Cases = (
    {"bad_arguments": {"path": ["rates.txt", 3], "every_steps": [0, 1.5]}},
    {"arguments": {"path": "rates.csv"}},
    {"arguments": {"path": "rates.jsonl", "every_steps": 3}},
)
LAYER_STATISTICS: Cases = (
    {"bad_arguments": {"path": ["layers.txt"], "every_steps": [0], "rows": [0, 1.5]}},
    {"arguments": {"path": "layers.csv", "rows": 5}},
    {"arguments": {"path": "layers.jsonl", "every_steps": 3}},
)
CSV_LOG: Cases = ({"arguments": {"path": "history.csv"}},)
JSON_LINES: Cases = ({"arguments": {"path": "history.jsonl"}},)
TENSORBOARD: Cases = (
    {
        "arguments": {"folder": "runs/1"},
        "bad_arguments": {"histograms_every": [0, 1.5], "images": [-1, 0.5, 10**6]},
        "needs_extra": True,
    },
    {"arguments": {"folder": "runs", "histograms_every": 2, "images": 0}, "needs_extra": True},
)
CHECKPOINT: Cases = (
    {"arguments": {"path": "run.safetensors"}, "bad_arguments": {"keep": [0], "every_epochs": [0], "mode": ["up"]}},
    {"arguments": {"path": "checkpoints", "every_steps": 3, "keep": 2, "best": "validation_cost"}},
)
PROGRESS_DISPLAY: Cases = ({}, {"arguments": {"columns": {"epoch": "epoch", "cost": "cost"}}})
DIAGNOSIS: Cases = (
    {"bad_arguments": {"silence": ["flat", ["no-such-name"]]}},
    {"arguments": {"silence": ["flat", "dead"]}},
)
