"""Experiments: a dataset, a network and how it is trained, told in a file or in Python, and run."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from layerkit.experiments.changes import Changes, changed
    from layerkit.experiments.experiment import Experiment
    from layerkit.experiments.files import parse_experiment, read_experiment
    from layerkit.experiments.finding import Script, find
    from layerkit.experiments.session import Session
    from layerkit.experiments.settings import settings_of

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

_MODULES = {
    "Changes": "changes",
    "Experiment": "experiment",
    "Script": "finding",
    "Session": "session",
    "changed": "changes",
    "find": "finding",
    "parse_experiment": "files",
    "read_experiment": "files",
    "settings_of": "settings",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
