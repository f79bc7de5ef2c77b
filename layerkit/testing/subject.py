"""The component under test: how it is made, of which kind it is."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import lru_cache
from typing import Any, final

import numpy as np

from layerkit.interfaces.configurable import Configurable
from layerkit.lazy import resolve
from layerkit.registry.kinds import kind_of
from layerkit.testing.case import Case
from layerkit.testing.shared_state import shared_state


@final
class Subject:
    """A component's class and the case it is checked in."""

    def __init__(self, target: Any, case: Case) -> None:
        self.target = target
        self.case = case
        self.kind = kind_of(target) if isinstance(target, type) else None
        self.untouched = shared_state(target)
        """What all components of the class have in common, before the kit has used any."""

    @property
    def name(self) -> str:
        """What the class is called."""
        return getattr(self.target, "__name__", repr(self.target))

    def make(self, **changes: Any) -> Any:
        """A new component, which shares nothing with earlier ones: its arguments are copies."""
        return self.target(**{**copy.deepcopy(dict(self.case.arguments)), **changes})


def subject_of(component: Any, case: Case) -> Subject:
    """The subject that a person means: a class, a component (its class with its arguments), or ``"module:Class"``."""
    if isinstance(component, str):
        return Subject(resolve(component), case)
    if isinstance(component, Configurable):
        return Subject(type(component), replace(case, arguments={**component.config, **case.arguments}))
    return Subject(component, case)


def generator(seed: int) -> np.random.Generator:
    """The kit's own numbers: the same in every run."""
    return np.random.Generator(np.random.PCG64(_seeds(seed)))


@lru_cache(maxsize=256)
def _seeds(seed: int) -> np.random.SeedSequence:
    # mixing the numbers takes longer than what is drawn of most generators
    return np.random.SeedSequence([20, 26, seed])
