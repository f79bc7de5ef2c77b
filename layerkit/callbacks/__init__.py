"""What can watch a fit, one callback a file; each is imported when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerkit.lazy import lazily

if TYPE_CHECKING:
    from layerkit.callbacks.csv_log import CsvLog
    from layerkit.callbacks.early_stopping import EarlyStopping
    from layerkit.callbacks.interruption import Interruption
    from layerkit.callbacks.json_lines import JsonLines
    from layerkit.callbacks.progress_display import ProgressDisplay

__all__ = ["CsvLog", "EarlyStopping", "Interruption", "JsonLines", "ProgressDisplay"]

__getattr__ = lazily(
    __name__,
    {
        "CsvLog": "layerkit.callbacks.csv_log",
        "EarlyStopping": "layerkit.callbacks.early_stopping",
        "Interruption": "layerkit.callbacks.interruption",
        "JsonLines": "layerkit.callbacks.json_lines",
        "ProgressDisplay": "layerkit.callbacks.progress_display",
    },
)
