"""Loading a plugin's hook module, and what is behind the names that it announces."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from itertools import chain
from types import FunctionType, ModuleType
from typing import Any, final

import pluggy

from layerkit.component import Component
from layerkit.lazy import resolve
from layerkit.registry.containment import Outcome, SideEffects, contained, watched
from layerkit.registry.discovery import BUILTIN, PluginSource
from layerkit.registry.hooks import PROJECT, refusal
from layerkit.registry.kinds import KINDS, Kind
from layerkit.registry.messages import Failure, Stage, advice, describe, printable
from layerkit.suggestions import did_you_mean

_MARK = f"{PROJECT}_impl"
"""The attribute by which pluggy knows an implementation."""


@dataclass(frozen=True, slots=True)
class ComponentEntry:
    """One component that can be asked for by name; its target has not been imported."""

    kind: str
    name: str
    target: str
    summary: str
    source: PluginSource
    cases: str = ""

    @property
    def namespace(self) -> str:
        """Whose component it is: ``layerkit`` for built-ins."""
        return self.source.namespace

    @property
    def qualified_name(self) -> str:
        """The name that can mean nothing else, such as ``layerkit/dense`` or ``acme/scale``."""
        return f"{self.namespace}/{self.name}"

    @property
    def short_name(self) -> str:
        """What a person types: a built-in's name needs no namespace."""
        return self.name if self.namespace == BUILTIN else self.qualified_name

    @property
    def distribution(self) -> str:
        """The installed package that it comes from."""
        return self.source.distribution

    @property
    def version(self) -> str | None:
        """The version of that package."""
        return self.source.version


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """A plugin's components by kind and name, and its failures. A plugin is taken whole or not at all."""

    source: PluginSource
    entries: Mapping[str, Mapping[str, ComponentEntry]]
    failures: tuple[Failure, ...]
    interventions: tuple[Failure, ...] = ()
    """Those among the failures that say what its import changed outside of it."""

    @property
    def errors(self) -> tuple[Failure, ...]:
        """The failures for which the plugin was refused."""
        return tuple(failure for failure in self.failures if failure.severity == "error")


@dataclass(frozen=True, slots=True)
class LoadedTarget:
    """What a component's target is (``None`` after an error), and the failures on the way."""

    value: Any
    failures: tuple[Failure, ...]
    interventions: tuple[Failure, ...] = ()
    """Those among the failures that say what its import changed outside of it."""

    @property
    def error(self) -> Failure | None:
        """The failure for which the component was refused."""
        return next((failure for failure in self.failures if failure.severity == "error"), None)


def load_plugin(source: PluginSource, manager: pluggy.PluginManager) -> LoadedPlugin:
    """Import a hook module and collect what it announces; every fault ends up in ``failures``."""
    loading = _Loading(source, manager)
    outcome, effects = _asked(source, loading.run)
    if outcome.error is not None:
        hint = advice(outcome.error, source.module, source.distribution)
        if loading.stage == "register":
            hint = "its author must write hooks without arguments, as plain functions"
        loading.fail(describe(outcome.error), hint)
    told, printed = side_effects(effects, source, "import")
    plugin = LoadedPlugin(source, loading.entries, (*loading.failures, *told, *printed), told)
    return replace(plugin, entries={}) if plugin.errors else plugin


def _asked(source: PluginSource, question: Callable[[], Any]) -> tuple[Outcome[Any], SideEffects]:
    """The built-ins go the same way as plugins, only without the comparison of before and after."""
    return (contained(question), SideEffects()) if source.namespace == BUILTIN else watched(question)


@final
@dataclass(slots=True)
class _Loading:
    source: PluginSource
    manager: pluggy.PluginManager
    stage: Stage = "import"
    failures: list[Failure] = field(default_factory=list)
    entries: dict[str, dict[str, ComponentEntry]] = field(default_factory=dict)

    def fail(self, error: str, hint: str) -> None:
        source = self.source
        self.failures.append(Failure(source.namespace, self.stage, error, hint, source.distribution, source.version))

    def run(self) -> None:
        """Everything that runs the plugin's own code."""
        module = import_module(self.source.module)
        self.stage = "api"
        refused = refusal(module)
        if refused is not None:
            self.fail(*refused)
            return
        self.stage = "register"
        try:
            self.manager.register(module, name=self.source.namespace)
            self._validate(module)
            if not self.failures:
                self.stage = "hook"
                for kind in KINDS.values():
                    self.entries[kind.name] = self._ask(module, kind)
        finally:
            # a registration that fails leaves its first half behind; and once asked, hooks are not needed any more
            self.manager.unregister(name=self.source.namespace)

    def _validate(self, module: ModuleType) -> None:
        """What pluggy lets pass: misspelt names, wrappers, functions that are not marked."""
        hooks = [kind.hook for kind in KINDS.values()]
        implemented = self.manager.get_hookcallers(module) or []
        for caller in implemented:
            own = [implementation for implementation in caller.get_hookimpls() if implementation.plugin is module]
            if caller.name not in hooks:
                self.fail(
                    f"there is no hook {caller.name!r}.{did_you_mean(caller.name, hooks)}",
                    f"its author must correct the name; the hooks: {', '.join(hooks)}",
                )
            elif any(implementation.wrapper or implementation.hookwrapper for implementation in own):
                self.fail(f"{caller.name} is a wrapper", "its author must write a plain @hookimpl")
        for name, value in vars(module).items():
            if name.startswith("layerkit_") and type(value) is FunctionType and not hasattr(value, _MARK):
                self.fail(f"{name} is not marked", f"its author must write @hookimpl above `def {name}():`")
        if not implemented and not self.failures:
            self.fail("the hook module has no hook", f"its author must add one of {', '.join(hooks)}")

    def _ask(self, module: ModuleType, kind: Kind) -> dict[str, ComponentEntry]:
        """Call each implementation by itself: pluggy's own call stops at the first that raises, and drops None."""
        entries: dict[str, ComponentEntry] = {}
        for implementation in getattr(self.manager.hook, kind.hook).get_hookimpls():
            if implementation.plugin is module:
                outcome = contained(self._announced, implementation.function, kind)
                if outcome.error is not None:
                    self.fail(f"{kind.hook} raised {describe(outcome.error)}", f"update {self.source.distribution}")
                for entry in outcome.value or ():
                    if entry.name in entries:
                        self._nonsense(kind, f"announced the name {entry.name!r} twice")
                    entries[entry.name] = entry
        return entries

    def _announced(self, hook: Callable[[], object], kind: Kind) -> list[ComponentEntry]:
        answer = hook()
        if not isinstance(answer, (list, tuple)):
            self._nonsense(kind, f"returned {_shown(answer)}")
            return []
        entries = []
        for given in answer:
            if not isinstance(given, Component):
                self._nonsense(kind, f"returned a list with {_shown(given)} in it")
                continue
            # made anew of plain text: what was checked when it was made may have been changed since
            row = Component(
                _plain(given.name),
                target=_plain(given.target),
                summary=_plain(given.summary),
                cases=_plain(given.cases),
            )
            entries.append(ComponentEntry(kind.name, row.name, row.target, row.summary, self.source, row.cases))
        return entries

    def _nonsense(self, kind: Kind, what: str) -> None:
        self.fail(f"{kind.hook} {what}", "its author must return a list of Component records with different names")


def _plain(value: Any) -> Any:
    return str.__str__(value) if issubclass(type(value), str) else value


def _shown(value: object) -> str:
    return "None" if value is None else f"an object of type {type(value).__name__}"


def side_effects(
    effects: SideEffects, source: PluginSource, stage: Stage, component: str | None = None
) -> tuple[tuple[Failure, ...], tuple[Failure, ...]]:
    """A warning for each thing that an import did besides importing: what it changed, and that it printed."""

    def warnings(*told: tuple[str, str]) -> tuple[Failure, ...]:
        about = source.distribution, source.version, component
        return tuple(Failure(source.namespace, stage, *each, *about, "warning") for each in told)

    told, printed = [], []
    if effects.parts:
        told.append(
            (
                f"it replaced parts of layerkit: {', '.join(effects.parts)}",
                f"its author should change nothing; LAYERKIT_PLUGINS_DENY leaves {source.distribution} out meanwhile",
            )
        )
    if effects.generators:
        told.append(
            (
                f"its import touched the global random generator ({', '.join(effects.generators)})",
                "its author should draw from the generator that components are given",
            )
        )
    if effects.settings:
        told.append(
            (
                f"its import changed what holds for the whole process: {', '.join(effects.settings)}",
                "its author should leave that to the program that uses it",
            )
        )
    if effects.output.strip():
        printed.append(
            (f"its import printed {printable(effects.output.strip())!r}", "its author should print nothing at import")
        )
    return warnings(*told), warnings(*printed)


def load_target(entry: ComponentEntry) -> LoadedTarget:
    """Import one component's target, and nothing else of its plugin; make sure that it is what its kind says."""
    component = f"{KINDS[entry.kind].singular} {entry.qualified_name}"
    outcome, effects = _asked(entry.source, lambda: resolve(entry.target))
    problem = contained(_problem, entry, outcome)
    told = problem.value
    if problem.error is not None:
        told = f"{entry.target} cannot be examined: {describe(problem.error)}", _tell(entry)
    changed, printed = side_effects(effects, entry.source, "target", component)
    if told is None:
        return LoadedTarget(outcome.value, (*changed, *printed), changed)
    failure = Failure(entry.namespace, "target", *told, entry.distribution, entry.version, component)
    return LoadedTarget(None, (*changed, *printed, failure), changed)


def _import_problem(entry: ComponentEntry, error: Any) -> tuple[str, str]:
    module, _, path = entry.target.partition(":")

    if issubclass(type(error), AttributeError) and error.obj is not None and error.name in path.split("."):
        near = did_you_mean(error.name, [name for name in dir(error.obj) if not name.startswith("_")])
        return f"the module {module!r} has no {path!r}.{near}", _tell(entry)
    return f"{entry.target} could not be imported: {describe(error)}", advice(error, module, entry.distribution)


def _problem(entry: ComponentEntry, outcome: Outcome[Any]) -> tuple[str, str] | None:
    if outcome.error is not None:
        return _import_problem(entry, outcome.error)
    kind, found = KINDS[entry.kind], outcome.value
    problem = _example_problem(found) if kind.base is None else _class_problem(kind, kind.base, found)
    return (f"{entry.target} {problem}", _tell(entry)) if problem else None


def _class_problem(kind: Kind, place: str, found: Any) -> str:
    if not isinstance(found, type):
        return f"is not a class, but of type {type(found).__name__}"
    base = resolve(place)
    if not issubclass(found, base):
        return f"is not {kind.a}: it does not derive from {place.replace(':', '.')}"
    if found is base:
        return f"is the base class of all {kind.name} itself"
    if inspect.isabstract(found):
        return f"is abstract: it does not implement {', '.join(sorted(getattr(found, '__abstractmethods__', ())))}"
    return ""


def _example_problem(found: Any) -> str:
    # whoever made an experiment has imported its module, which the host itself does not
    experiments = sys.modules.get("layerkit.experiments.experiment")
    if callable(found) or isinstance(found, os.PathLike):
        return ""
    if experiments is not None and isinstance(found, experiments.Experiment):
        return ""
    return f"is neither a function nor a path nor an experiment, but of type {type(found).__name__}"


def _tell(entry: ComponentEntry) -> str:
    return f"update {entry.distribution} or tell its author"


def entry_of(
    component_class: type, entries: Iterable[ComponentEntry], load: Callable[[ComponentEntry], Any]
) -> ComponentEntry | None:
    """The entry whose target is this very class; ``None`` if there is none.

    A target may name a re-export, ``acme:Scale`` for ``acme.scale.Scale``. So what stands in the same place or bears
    the same name is compared first, then whatever is imported already, and last the rest of the class's own package;
    no module of another package is imported for the comparison.
    """
    ranked = sorted(entries, key=lambda entry: _distance(component_class, entry))
    attempts = (
        (entry for entry in ranked if _distance(component_class, entry) <= 1 and load(entry) is component_class),
        (entry for entry in ranked if contained(_imported, entry.target).value is component_class),
        (entry for entry in ranked if _distance(component_class, entry) == 2 and load(entry) is component_class),
    )
    return next(chain.from_iterable(attempts), None)


def _distance(component_class: type, entry: ComponentEntry) -> int:
    """0: the target is the class's own place; 1: the same name in the same package; 2: that package; 3: another."""
    module, _, path = entry.target.partition(":")
    if path == component_class.__qualname__ and module == component_class.__module__:
        return 0
    if module.partition(".")[0] != component_class.__module__.partition(".")[0]:
        return 3
    return 1 if path.rpartition(".")[2] == component_class.__name__ else 2


def _imported(target: str) -> Any:
    """What a target is, if its module is imported already; ``None`` if not."""
    module, _, path = target.partition(":")
    found: Any = sys.modules.get(module)
    for name in path.split("."):
        found = vars(found).get(name) if hasattr(found, "__dict__") else None
    return found
