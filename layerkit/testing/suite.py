"""Checks, and the suites that they form."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, final

from layerkit.testing.subject import Subject

Run: TypeAlias = Callable[[Subject], None]


@final
@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a component must do: a function that returns, or raises ``Unmet`` or ``NotApplicable``."""

    name: str
    run: Run

    @property
    def summary(self) -> str:
        """What is checked, in one sentence."""
        return inspect.getdoc(self.run) or ""


def suite(*functions: Run) -> tuple[Check, ...]:
    """Checks from functions; ``def batch_sizes`` is the check ``batch-sizes``."""
    return tuple(Check(function.__name__.replace("_", "-"), function) for function in functions)
