"""The component under test: how it is made, of which kind it is."""

from __future__ import annotations

import copy
from typing import Any, final

import numpy as np

from layerkit.interfaces.activation import Activation
from layerkit.interfaces.configurable import Configurable
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import Dataset
from layerkit.interfaces.engine import Engine
from layerkit.interfaces.initializer import Initializer
from layerkit.interfaces.layer import Layer
from layerkit.interfaces.metric import Metric
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.schedule import Schedule
from layerkit.interfaces.transform import Transform
from layerkit.testing.case import Case

# an activation is a layer as well, and so comes first
KINDS: dict[str, type] = {
    "activation": Activation,
    "layer": Layer,
    "cost": Cost,
    "optimizer": Optimizer,
    "transform": Transform,
    "schedule": Schedule,
    "initializer": Initializer,
    "metric": Metric,
    "dataset": Dataset,
    "engine": Engine,
}


@final
class Subject:
    """A component's class and the case it is checked in."""

    def __init__(self, target: Any, case: Case) -> None:
        self.target = target
        self.case = case
        self.kind = kind_of(target)

    @property
    def name(self) -> str:
        """What the class is called."""
        return getattr(self.target, "__name__", repr(self.target))

    def make(self, **changes: Any) -> Any:
        """A new component, which shares nothing with earlier ones: its arguments are copies."""
        return self.target(**{**copy.deepcopy(dict(self.case.arguments)), **changes})


def kind_of(target: Any) -> str | None:
    """Which kind a class is of; None: of none."""
    if not isinstance(target, type):
        return None
    return next((kind for kind, base in KINDS.items() if issubclass(target, base)), None)


def subject_of(component: Any, case: Case) -> Subject:
    """The subject that a person means: a class, a component (its class with its arguments), or ``"module:Class"``."""
    if isinstance(component, str):
        from layerkit.lazy import resolve

        return Subject(resolve(component), case)
    if isinstance(component, Configurable):
        from dataclasses import replace

        return Subject(type(component), replace(case, arguments={**component.config, **case.arguments}))
    return Subject(component, case)


def generator(seed: int) -> np.random.Generator:
    """The kit's own numbers: the same in every run."""
    return np.random.default_rng([20, 26, seed])
