"""Loading a plugin: its hook module is imported, examined, registered with pluggy, and asked for its components."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import FunctionType, ModuleType

import pluggy

from layerkit.component import Component
from layerkit.registry import api, specification
from layerkit.registry.containment import contained
from layerkit.registry.diagnosis import advice, describe
from layerkit.registry.entry import ComponentEntry
from layerkit.registry.failure import Failure, Stage
from layerkit.registry.kinds import KINDS, Kind
from layerkit.registry.nearest import did_you_mean
from layerkit.registry.side_effects import side_effects
from layerkit.registry.source import BUILTIN_SOURCE, PluginSource

_MARK = f"{specification.PROJECT}_impl"
"""The attribute by which pluggy knows an implementation."""


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """A plugin's components by kind and name, and its failures. A plugin is taken whole or not at all."""

    source: PluginSource
    entries: Mapping[str, Mapping[str, ComponentEntry]]
    failures: tuple[Failure, ...]

    @property
    def errors(self) -> tuple[Failure, ...]:
        """The failures for which the plugin was refused."""
        return tuple(failure for failure in self.failures if failure.severity == "error")


def load_plugin(source: PluginSource) -> LoadedPlugin:
    """Import a hook module and collect what it announces; every fault ends up in ``failures``.

    The built-ins go the same way, only without the watch over generators and output.
    """
    loading = _Loading(source)
    outcome = contained(loading.run, watched=source is not BUILTIN_SOURCE)
    if outcome.error is not None:
        loading.fail("import", describe(outcome.error), advice(outcome.error, source.module, source.distribution))
    loading.failures += side_effects(outcome, source, "import")
    plugin = LoadedPlugin(source, loading.entries, tuple(loading.failures))
    return LoadedPlugin(source, {}, plugin.failures) if plugin.errors else plugin


@dataclass(slots=True)
class _Loading:
    source: PluginSource
    failures: list[Failure] = field(default_factory=list)
    entries: dict[str, dict[str, ComponentEntry]] = field(default_factory=dict)

    def fail(self, stage: Stage, error: str, hint: str) -> None:
        source = self.source
        self.failures.append(Failure(source.namespace, stage, error, hint, source.distribution, source.version))

    def run(self) -> None:
        """Everything that runs the plugin's own code."""
        module = importlib.import_module(self.source.module)
        refused = api.refusal(module)
        if refused is not None:
            self.fail("api", *refused)
            return
        manager = self._register(module)
        if manager is None:
            return
        for kind in KINDS.values():
            self.entries[kind.name] = {entry.name: entry for entry in self._ask(manager, kind)}

    def _register(self, module: ModuleType) -> pluggy.PluginManager | None:
        """A pluggy manager with this one plugin, or ``None`` after a failure.

        A manager each, because in a shared one an implementation that raises aborts the call for all plugins, and a
        registration that fails half-way leaves its first half behind.
        """
        manager = pluggy.PluginManager(specification.PROJECT)
        manager.add_hookspecs(specification)
        try:
            manager.register(module, name=self.source.namespace)
        except Exception as error:  # pluggy runs into whatever the module holds
            self.fail("register", describe(error), "its author must write hooks without arguments, as plain functions")
            return None
        hooks = [kind.hook for kind in KINDS.values()]
        implemented = manager.get_hookcallers(module) or []
        for caller in implemented:
            if caller.name not in hooks:
                self.fail(
                    "register",
                    f"there is no hook {caller.name!r}.{did_you_mean(caller.name, hooks)}",
                    f"its author must correct the name; the hooks: {', '.join(hooks)}",
                )
            elif any(implementation.wrapper or implementation.hookwrapper for implementation in caller.get_hookimpls()):
                self.fail("register", f"{caller.name} is a wrapper", "its author must write a plain @hookimpl")
        for name, value in vars(module).items():
            if name.startswith("layerkit_") and isinstance(value, FunctionType) and not hasattr(value, _MARK):
                self.fail("register", f"{name} is not marked", f"its author must write @hookimpl above `def {name}():`")
        if not implemented and not self.failures:
            self.fail("register", "the hook module has no hook", f"its author must add one of {', '.join(hooks)}")
        return None if self.failures else manager

    def _ask(self, manager: pluggy.PluginManager, kind: Kind) -> list[ComponentEntry]:
        caller = getattr(manager.hook, kind.hook)
        implementations = caller.get_hookimpls()
        try:
            answers = caller()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # whatever a plugin raises
            self.fail("hook", f"{kind.hook} raised {describe(error)}", f"update {self.source.distribution}")
            return []
        if len(answers) < len(implementations):
            answers = [None]  # pluggy drops None from the answers without a word
        entries: dict[str, ComponentEntry] = {}
        for answer in answers:
            if not isinstance(answer, (list, tuple)):
                self._nonsense(kind, f"returned {_shown(answer)}")
                continue
            for component in answer:
                if not isinstance(component, Component):
                    self._nonsense(kind, f"returned a list with {_shown(component)} in it")
                elif component.name in entries:
                    self._nonsense(kind, f"announced the name {component.name!r} twice")
                else:
                    entries[component.name] = ComponentEntry(
                        kind.name, component.name, component.target, component.summary, self.source
                    )
        return list(entries.values())

    def _nonsense(self, kind: Kind, what: str) -> None:
        self.fail(
            "hook", f"{kind.hook} {what}", "its author must return a list of Component records with different names"
        )


def _shown(value: object) -> str:
    return "None" if value is None else f"an object of type {type(value).__name__}"
