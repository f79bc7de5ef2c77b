"""What can watch a fit, one callback a file; each is imported when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerkit.lazy import lazily

if TYPE_CHECKING:
    from layerkit.training.callbacks.csv_log import CsvLog
    from layerkit.training.callbacks.early_stopping import EarlyStopping
    from layerkit.training.callbacks.interruption import Interruption
    from layerkit.training.callbacks.json_lines import JsonLines
    from layerkit.training.callbacks.progress_display import ProgressDisplay

__all__ = ["CsvLog", "EarlyStopping", "Interruption", "JsonLines", "ProgressDisplay"]

__getattr__ = lazily(
    __name__,
    {
        "CsvLog": "layerkit.training.callbacks.csv_log",
        "EarlyStopping": "layerkit.training.callbacks.early_stopping",
        "Interruption": "layerkit.training.callbacks.interruption",
        "JsonLines": "layerkit.training.callbacks.json_lines",
        "ProgressDisplay": "layerkit.training.callbacks.progress_display",
    },
)
