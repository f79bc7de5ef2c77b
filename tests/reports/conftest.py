from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from layerkit import (
    Adam,
    CrossEntropy,
    Dense,
    Diagnosis,
    Digits,
    Flatten,
    LayerStatistics,
    Rescale,
    Sequential,
    Sigmoid,
)
from layerkit.data.examples import Examples
from layerkit.experiments import Experiment, Session
from layerkit.interfaces.dataset import Dataset

HOSTILE = (
    "<script>window.broken = 1</script>",
    '"><img src="http://192.0.2.1/x.png" onerror="window.broken = 1">',
    "]]></text></svg><script>window.broken = 1</script>",
    "' onmouseover='window.broken = 1",
    "{{ 7 * 7 }} {% raise %}",
    "$\\frac{",
    "Größe 猫 \N{RIGHT-TO-LEFT OVERRIDE}",
    "a" * 200,
    "&lt;b&gt;",
    "plain",
)
"""Names of classes that a page could stumble over."""


class HostileDigits(Dataset):
    """The digits, under names that somebody chose to break a page."""

    splits = ("train", "test")

    def load(self, split: str) -> Examples:
        found = Digits().load(split)
        return Examples(found.x, found.y, classes=HOSTILE)


def hostile_experiment(**changes: Any) -> Experiment:
    settings: dict[str, Any] = {
        "name": 'a "run" of <b>digits</b>',
        "dataset": HostileDigits(),
        "layers": [Flatten(), Rescale(1 / 16), Dense(12, activation=Sigmoid()), Dense(10)],
        "cost": CrossEntropy(),
        "optimizer": Adam(0.01),
        "callbacks": [LayerStatistics(), Diagnosis()],
        "epochs": 4,
        "summary": "<i>summary</i> & more",
    }
    return Experiment(**{**settings, **changes})


@pytest.fixture
def session() -> Session:
    """A classifier of hostile names, trained a little."""
    session = Session(hostile_experiment())
    session.fit()
    return session


Resize = Callable[[int], None]


def model_of(shape: tuple[int, ...]) -> Sequential:
    return Sequential([Flatten(), Dense(3)]).initialize(shape, seed=0)
