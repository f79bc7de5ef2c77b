"""What can watch a fit, one callback a file; each is imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from layerkit.training.callbacks.csv_log import CsvLog
    from layerkit.training.callbacks.early_stopping import EarlyStopping
    from layerkit.training.callbacks.interruption import Interruption
    from layerkit.training.callbacks.json_lines import JsonLines
    from layerkit.training.callbacks.progress_display import ProgressDisplay

__all__ = ["CsvLog", "EarlyStopping", "Interruption", "JsonLines", "ProgressDisplay"]

_MODULES = {
    "CsvLog": "csv_log",
    "EarlyStopping": "early_stopping",
    "Interruption": "interruption",
    "JsonLines": "json_lines",
    "ProgressDisplay": "progress_display",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
