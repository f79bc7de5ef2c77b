"""Hyperparameters searched for: the space, trials in rounds, and the winner on the test data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerkit.lazy import lazily

if TYPE_CHECKING:
    from layerkit.tuning.dimensions import Choice, Copies, Integer, Real
    from layerkit.tuning.experiment_search import tune_experiment
    from layerkit.tuning.function_search import tune
    from layerkit.tuning.report import report_html
    from layerkit.tuning.result import Result
    from layerkit.tuning.search import Search, parse_search
    from layerkit.tuning.space import Space
    from layerkit.tuning.usual_choices import usual_space
    from layerkit.tuning.winner_file import winner_toml

_PLACES = {
    "Choice": "dimensions",
    "Copies": "dimensions",
    "Integer": "dimensions",
    "Real": "dimensions",
    "Result": "result",
    "Search": "search",
    "Space": "space",
    "parse_search": "search",
    "report_html": "report",
    "tune": "function_search",
    "tune_experiment": "experiment_search",
    "usual_space": "usual_choices",
    "winner_toml": "winner_file",
}

__all__ = [
    "Choice",
    "Copies",
    "Integer",
    "Real",
    "Result",
    "Search",
    "Space",
    "parse_search",
    "report_html",
    "tune",
    "tune_experiment",
    "usual_space",
    "winner_toml",
]

__getattr__ = lazily(__name__, {name: f"layerkit.tuning.{module}" for name, module in _PLACES.items()})
