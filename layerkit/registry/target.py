"""Importing the class behind a component, and making sure that it is what its kind says."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from dataclasses import dataclass
from typing import Any

from layerkit.registry.containment import contained
from layerkit.registry.diagnosis import advice, describe
from layerkit.registry.entry import ComponentEntry
from layerkit.registry.failure import Failure
from layerkit.registry.kinds import KINDS
from layerkit.registry.nearest import did_you_mean
from layerkit.registry.side_effects import side_effects
from layerkit.registry.source import BUILTIN
from layerkit.registry.tampering import is_foreign


@dataclass(frozen=True, slots=True)
class LoadedTarget:
    """What a component's target is (``None`` after an error), and the failures on the way."""

    value: Any
    failures: tuple[Failure, ...]

    @property
    def error(self) -> Failure | None:
        """The failure for which the component was refused."""
        return next((failure for failure in self.failures if failure.severity == "error"), None)


def resolve(reference: str) -> Any:
    """The object at ``"module:Name"``."""
    module, _, path = reference.partition(":")
    found: Any = importlib.import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    return found


def load_target(entry: ComponentEntry) -> LoadedTarget:
    """Import one component's target, and nothing else of its plugin."""
    built_in = entry.namespace == BUILTIN
    component = f"{KINDS[entry.kind].singular} {entry.qualified_name}"
    outcome = contained(lambda: resolve(entry.target), watched=not built_in)
    problem = _problem(entry, outcome.value) if outcome.error is None else _import_problem(entry, outcome.error)
    failures = side_effects(outcome, entry.source, "target", component=component)
    if problem is not None:
        error, hint = problem
        failures.append(
            Failure(entry.namespace, "target", error, hint, entry.distribution, entry.version, component=component)
        )
    loaded = LoadedTarget(outcome.value, tuple(failures))
    return loaded if loaded.error is None else LoadedTarget(None, loaded.failures)


def _import_problem(entry: ComponentEntry, error: BaseException) -> tuple[str, str]:
    module, _, path = entry.target.partition(":")
    if isinstance(error, AttributeError) and error.obj is not None and error.name in path.split("."):
        near = did_you_mean(error.name, [name for name in dir(error.obj) if not name.startswith("_")])
        return f"the module {module!r} has no {path!r}.{near}", f"update {entry.distribution} or tell its author"
    return f"{entry.target} could not be imported: {describe(error)}", advice(error, module, entry.distribution)


def _problem(entry: ComponentEntry, found: Any) -> tuple[str, str] | None:
    kind = KINDS[entry.kind]
    tell = f"update {entry.distribution} or tell its author"
    if kind.base is None:
        if callable(found) or isinstance(found, os.PathLike) or _is_experiment(found):
            return None
        told = f"{entry.target} is neither a function nor a path nor an experiment"
        return f"{told}, but of type {type(found).__name__}", tell
    if not isinstance(found, type):
        return f"{entry.target} is not a class, but of type {type(found).__name__}", tell
    if entry.namespace == BUILTIN and _was_replaced(found):
        return (
            f"{entry.target} was replaced by code from outside layerkit",
            "`layerkit plugins doctor` may show which plugin did that; leave it out with LAYERKIT_PLUGINS_DENY",
        )
    base = resolve(kind.base)
    if not issubclass(found, base):
        return f"{entry.target} is not {kind.a}: it does not derive from {kind.base.replace(':', '.')}", tell
    if found is base:
        return f"{entry.target} is the base class of all {kind.name} itself", tell
    if inspect.isabstract(found):
        missing = ", ".join(sorted(getattr(found, "__abstractmethods__", ())))
        return f"{entry.target} is abstract: it does not implement {missing}", tell
    return None


def _is_experiment(found: Any) -> bool:
    # whoever made one has imported its module, which the host itself does not
    module = sys.modules.get("layerkit.experiments.experiment")
    return module is not None and isinstance(found, module.Experiment)


def _was_replaced(found: type) -> bool:
    return not found.__module__.startswith(f"{BUILTIN}.") or any(map(is_foreign, vars(found).values()))
