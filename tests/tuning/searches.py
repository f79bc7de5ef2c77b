"""What tests of searches share: small ones, which take a second."""

from __future__ import annotations

import dataclasses
from typing import Any

from layerkit.experiments import Experiment, find
from layerkit.tuning import Result, Search, parse_search
from tests.experiments.small import SMALL

FILE = (
    SMALL
    + """training_examples = 300

[search]
trials = 4
round = 2
final_seeds = 1

[search.space]
"optimizer.learning_rate" = { low = 0.3, high = 10.0, log = true }
"layers.2" = { copies = [1, 2] }
"layers.2.units" = { low = 4, high = 16, each = true }
"""
)

SPACE = {
    "layers.2": {"copies": [1, 2]},
    "layers.2.units": {"low": 4, "high": 16, "log": True, "each": True},
    "optimizer": {"values": ["gradient-descent", "adam"]},
    "optimizer.learning_rate": [
        {"low": 0.1, "high": 10.0, "log": True, "when": {"optimizer": "gradient-descent"}},
        {"low": 0.001, "high": 0.1, "log": True, "when": {"optimizer": "adam"}},
    ],
    "optimizer.momentum": {"low": 0.0, "high": 0.9, "when": {"optimizer": "gradient-descent"}},
    "training.batch_size": {"values": [16, 32]},
}


def small() -> Experiment:
    """Two epochs on 300 digits."""
    found = find("digits")
    assert isinstance(found, Experiment)
    return found.with_settings(epochs=2, training_examples=300, target={})


def search_of(space: dict[str, Any] | None = None, **settings: Any) -> Search:
    return parse_search(
        {"trials": 6, "round": 3, "final_seeds": 2, "space": SPACE if space is None else space, **settings}
    )


def told(result: Result) -> list[Any]:
    """What must be the same, however a search came to it; times are not."""
    outcomes = [dataclasses.replace(outcome, seconds=0.0) for outcome in result.outcomes]
    finals = [(run.seed, run.measured) for run in result.finals]
    return [outcomes, [dict(each) for each in result.params], result.best and result.best.number, finals]
