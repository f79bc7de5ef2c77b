"""Experiments: a dataset, a network and how it is trained, told in a file or in Python, and run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerkit.lazy import lazily

if TYPE_CHECKING:
    from layerkit.experiments.changes import Changes, changed
    from layerkit.experiments.experiment import Experiment
    from layerkit.experiments.experiment_file import parse_experiment, read_experiment, settings_of
    from layerkit.experiments.lookup import Script, find
    from layerkit.experiments.session import Session

__all__ = [
    "Changes",
    "Experiment",
    "Script",
    "Session",
    "changed",
    "find",
    "parse_experiment",
    "read_experiment",
    "settings_of",
]

__getattr__ = lazily(
    __name__,
    {
        "Changes": "layerkit.experiments.changes",
        "Experiment": "layerkit.experiments.experiment",
        "Script": "layerkit.experiments.lookup",
        "Session": "layerkit.experiments.session",
        "changed": "layerkit.experiments.changes",
        "find": "layerkit.experiments.lookup",
        "parse_experiment": "layerkit.experiments.experiment_file",
        "read_experiment": "layerkit.experiments.experiment_file",
        "settings_of": "layerkit.experiments.experiment_file",
    },
)
