"""What optimizers and transforms remember, one value set to what cannot have come of training: refused, or harmless."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest

import layerkit
from layerkit import (
    LBFGS,
    CrossEntropy,
    Dense,
    ExponentialAverage,
    GradientDescent,
    Lookahead,
    Muon,
    RMSProp,
    Sequential,
    Tanh,
    Trainer,
)
from layerkit.errors import LayerkitError
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.transform import Transform
from layerkit.optimizers.table import TABLE

X = np.random.default_rng(0).normal(size=(16, 3))
Y = np.arange(16) % 2
NAMES = [name for each in TABLE if (name := each.target.partition(":")[2]) != "GradientDescent"]
"""All of the built-in ones that remember something as they are."""
VALUES = [0.0, -1.0, 0.5, 1e9, 3e38, 1e300, np.nan, np.inf]


def made(name: str) -> tuple[Optimizer, list[Transform]]:
    return getattr(layerkit, name)(0.1), []


MEMORIES: dict[str, Callable[[], tuple[Optimizer, list[Transform]]]] = {
    **{name: partial(made, name) for name in NAMES},
    "momentum": lambda: (GradientDescent(0.1, momentum=0.9, nesterov=True), []),
    "centred": lambda: (RMSProp(centered=True, momentum=0.9), []),
    "short memory": lambda: (LBFGS(memory=2), []),
    "average": lambda: (Muon(), [ExponentialAverage(decay=0.9, warm_up=True)]),
    "lookahead": lambda: (LBFGS(), [Lookahead(period=2)]),
}


def trainer(kind: str) -> Trainer:
    model = Sequential([Dense(4, activation=Tanh()), Dense(2)])
    optimizer, transforms = MEMORIES[kind]()
    return Trainer(model, cost=CrossEntropy(), optimizer=optimizer, transforms=transforms, seed=0)


def forged(state: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for place, memory in enumerate(state["updates"]):
        for kind in ("flat", "numbers", "slice_numbers"):
            for name, array in memory[kind].items():
                for where in (slice(None), *range(min(array.size, 2))):
                    for value in VALUES:
                        other = copy.deepcopy(state)
                        with np.errstate(over="ignore"):
                            other["updates"][place][kind][name][where] = value
                        yield f"{place} {name} {where} {value}", other


@pytest.mark.parametrize("kind", MEMORIES)
def test_a_forged_memory_is_refused_or_trains_on(kind: str) -> None:
    first = trainer(kind)
    first.fit((X, Y), epochs=4, batch_size=16)
    outcomes = set()
    for told, state in forged(first.state()):
        other = trainer(kind)
        before = other.model.initialized
        try:
            other.restore(state)
        except LayerkitError:
            assert other.model.initialized == before, told
            outcomes.add("refused")
            continue
        try:
            other.fit((X, Y), epochs=2, batch_size=16)
            outcomes.add("trained")
        except LayerkitError:
            outcomes.add("told")
        assert np.isfinite(other.model.structure.parameters).all(), told
    assert "trained" in outcomes


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("known", [1e9, 0, 1], r"LBFGS: known says that there are 1e\+09 pairs of moves and turns, of 3"),
        ("known", [0.5, 0, 1], r"LBFGS: known must hold counts, got \[0.5, 0.0, 1.0\]"),
        ("known", [1, np.inf, 1], "LBFGS: known must hold counts"),
        ("known", [np.nan, 0, 1], "known must be at least 0, got nan"),
        ("memory", [-1], "memory must be at least 0"),
    ],
)
def test_what_lbfgs_counts_is_checked(name: str, value: list[float], wanted: str) -> None:
    first = trainer("LBFGS")
    first.fit((X, Y), epochs=4, batch_size=16)
    state = first.state()
    state["updates"][0]["numbers"][name][:] = value
    with pytest.raises(LayerkitError, match=wanted):
        trainer("LBFGS").restore(state)
