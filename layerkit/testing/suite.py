"""Checks, the suites that they form, and what a kind's suite offers besides.

The suite of a kind is the module ``layerkit.testing.suites.<singular>``. It has ``CHECKS``, the checks of that kind
alone, and ``use(component, case, dtype)``, the kind's typical use with fixed inputs and a fixed seed, which returns
copies of all that the component gave. It may have ``surroundings()``, a context manager in which each check runs,
``again(target)``, one in which a check that has failed is run once more, and a failure that is none then is none,
``when(subject)``, which tells under what condition that use raises, and ``MAY_KEEP``, the reason why a component of
this kind may change when it is used.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeAlias, final

import numpy as np

from layerkit.registry.kinds import Kind, kind_of
from layerkit.testing.case import Case
from layerkit.testing.subject import Subject
from layerkit.types import Value

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
        return " ".join((inspect.getdoc(self.run) or "").partition("\n\n")[0].split())

    @property
    def told_by(self) -> tuple[str, ...]:
        """The checks whose failure explains one of this check: where one of them fails, this one says nothing new."""
        names: tuple[str, ...] = getattr(self.run, "told_by", ())
        return names

    @property
    def foundation(self) -> bool:
        """Whether the checks after this one rely on what it finds: where it fails, they say nothing new."""
        return getattr(self.run, "foundation", False)


def told_by(*names: str) -> Callable[[Run], Run]:
    """Mark a check whose failure that of a named check, wherever it stands, explains: one bug, one failure."""

    def marked(function: Run) -> Run:
        function.told_by = names  # type: ignore[attr-defined]
        return function

    return marked


def foundation(function: Run) -> Run:
    """Mark a check that all after it rely on, since nothing can be measured on what changes as it is measured."""
    function.foundation = True  # type: ignore[attr-defined]
    return function


def suite(*functions: Run) -> tuple[Check, ...]:
    """Checks from functions; ``def batch_sizes`` is the check ``batch-sizes``."""
    return tuple(Check(function.__name__.replace("_", "-"), function) for function in functions)


def checks_of(kind: Kind | None) -> tuple[Check, ...]:
    """All checks of a kind: what is the same for all kinds comes first; only that for what is of no kind."""
    shared: tuple[Check, ...] = import_module("layerkit.testing.suites.every_kind").CHECKS
    return shared if kind is None else (*shared, *_suite_of(kind).CHECKS)


def surroundings_of(kind: Kind | None) -> AbstractContextManager[object]:
    """That in which each check of a kind runs."""
    made: AbstractContextManager[object] = getattr(kind and _suite_of(kind), "surroundings", nullcontext)()
    return made


def again_of(kind: Kind | None) -> Callable[[Any], AbstractContextManager[object]] | None:
    """That in which a failed check of a kind is run again, if there is such a thing."""
    made: Callable[[Any], AbstractContextManager[object]] | None = getattr(kind and _suite_of(kind), "again", None)
    return made


def reason_to_keep(kind: Kind | None) -> str:
    """Why components of a kind may keep something on themselves; empty if they may not."""
    reason: str = getattr(kind and _suite_of(kind), "MAY_KEEP", "")
    return reason


def condition_of(subject: Subject) -> str:
    """When using a component raises, and when it does not, as far as its kind can tell; else empty."""
    when: Callable[[Subject], str] | None = getattr(subject.kind and _suite_of(subject.kind), "when", None)
    return "" if when is None else when(subject)


def exercise(component: Any, case: Case, *, dtype: Any = np.float64) -> Value:
    """Use a component as its kind is used, and return all that it gave: copies."""
    kind = kind_of(type(component))
    assert kind is not None
    return _suite_of(kind).use(component, case, dtype)


def _suite_of(kind: Kind) -> Any:
    return import_module(f"layerkit.testing.suites.{kind.singular}")
