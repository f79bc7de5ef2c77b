"""The plugin host: which components there are, under which names, and what is wrong with the rest."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from functools import cache
from threading import RLock
from typing import Any, final

import pluggy

from layerkit.errors import ArgumentError, PluginError, PluginWarning, UnknownComponentError
from layerkit.registry.construction import construct
from layerkit.registry.discovery import BUILTIN, BUILTIN_SOURCE, Discovery, Distributions, PluginSource, discover
from layerkit.registry.hooks import PROJECT, SPECIFICATIONS
from layerkit.registry.kinds import KINDS, Kind, kind_named
from layerkit.registry.loading import ComponentEntry, LoadedPlugin, LoadedTarget, entry_of, load_plugin, load_target
from layerkit.registry.messages import Failure, shown
from layerkit.suggestions import meant, nearest


@final
class PluginHost:
    """Finds, loads and names components; an ordinary object that remembers what it has loaded.

    Nothing is read before it is needed: a built-in is found without a look at what is installed, ``acme/scale`` imports
    the hook module of ``acme`` and, when loaded, that one component; a listing imports hook modules and no component.

    ``distributions`` gives the installed distributions (those on ``sys.path`` if left out), ``environment`` the
    variables ``LAYERKIT_PLUGINS`` and ``LAYERKIT_PLUGINS_DENY`` (those of the process if left out).

    >>> host = PluginHost(environment={"LAYERKIT_PLUGINS": ""})
    >>> host.find("costs", "quadratic").qualified_name
    'layerkit/quadratic'
    """

    def __init__(
        self, *, distributions: Distributions | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        self._distributions = distributions
        self._environment = dict(os.environ if environment is None else environment)
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(SPECIFICATIONS)
        self._lock = RLock()
        self._discovery: Discovery | None = None
        self._plugins: dict[str, LoadedPlugin] = {}
        self._loading: set[str] = set()
        self._targets: dict[ComponentEntry, LoadedTarget] = {}

    def plugins(self) -> list[PluginSource]:
        """The plugins that are installed, enabled or not; from metadata alone, the built-ins left out."""
        return list(self._discovered().sources)

    def components(self, kind: str | None = None) -> list[ComponentEntry]:
        """The components of a kind, or of all: built-ins first, then plugin by plugin. No component is imported.

        Raises:
            UnknownComponentError: there is no such kind.
        """
        kinds = list(KINDS.values()) if kind is None else [kind_named(kind)]
        plugins = self._all_loaded()
        return [entry for one in kinds for plugin in plugins for entry in plugin.entries.get(one.name, {}).values()]

    def find(self, kind: str, name: str) -> ComponentEntry:
        """The component of this name, such as ``dense``, ``layerkit/dense`` or ``acme/scale``.

        Raises:
            UnknownComponentError: there is none; the message suggests the nearest.
            PluginError: its plugin was refused or is disabled; the message quotes why.
        """
        wanted = kind_named(kind)
        plugin, short = self._addressed(name)
        entry = plugin.entries[wanted.name].get(short)
        if entry is None:
            raise self._unknown(wanted, name, plugin)
        return entry

    def find_every(self, name: str) -> list[ComponentEntry]:
        """The components of this name, of whatever kind: ``constant`` is a schedule and an initializer.

        Raises:
            UnknownComponentError, PluginError: as ``find``.
        """
        plugin, short = self._addressed(name)
        found = [of_kind[short] for of_kind in plugin.entries.values() if short in of_kind]
        if not found:
            raise self._unknown(None, name, plugin)
        return found

    def load(self, kind: str, name: str) -> Any:
        """The class of a component (of an example, what it runs), imported if it has not been yet.

        Raises:
            UnknownComponentError: as ``find``.
            PluginError: as ``find``, or its target cannot be imported or is not what its kind says.
        """
        loaded = self._target(self.find(kind, name))
        if loaded.error is not None:
            raise PluginError(str(loaded.error))
        return loaded.value

    def create(self, kind: str, name: str, /, **arguments: Any) -> Any:
        """A component made with these arguments.

        Raises:
            UnknownComponentError, PluginError: as ``load``.
            ArgumentError: an argument is unknown, missing or refused; the message lists the arguments.
        """
        wanted = kind_named(kind)
        if wanted.base is None:
            raise ArgumentError(f"{wanted.a} is run, it is not made of arguments: {name!r}")
        return construct(f"{wanted.singular} {name!r}", self.load(kind, name), arguments)

    def name_of(self, kind: str, component_class: type) -> str:
        """The qualified name under which a class is registered: the reverse of ``load``.

        Raises:
            UnknownComponentError: no component of this kind has this class as its target.
        """
        wanted = kind_named(kind)
        with self._lock:
            own = [*self.plugin(BUILTIN).entries[wanted.name].values()]
            entry = entry_of(component_class, own, self._value)
            entry = entry or entry_of(component_class, self.components(wanted.name), self._value)
        if entry is None:
            raise UnknownComponentError(
                f"{component_class.__module__}.{component_class.__qualname__} is not registered as {wanted.a}; names "
                f"exist for built-ins and for what an installed plugin announces in {wanted.hook}"
            )
        return entry.qualified_name

    def plugin(self, namespace: str) -> LoadedPlugin:
        """A plugin, its hook module imported, its components known.

        Raises:
            UnknownComponentError: no such plugin is installed; the message suggests the nearest.
            PluginError: it was refused or is disabled; the message quotes why.
        """
        with self._lock:
            source = BUILTIN_SOURCE if namespace == BUILTIN else self._discovered().enabled().get(namespace)
            if source is None:
                raise self._discovered().unavailable(namespace)
            plugin = self._loaded(source)
        if plugin.errors:
            raise PluginError("; ".join(map(str, plugin.errors)))
        return plugin

    def report(self) -> list[Failure]:
        """Every failure and warning so far; what was not asked for yet has not been looked at."""
        with self._lock:
            found = list(self._discovered().failures)
            for plugin in self._plugins.values():
                found += plugin.failures
            for target in self._targets.values():
                found += target.failures
        return found

    def examine(self) -> list[Failure]:
        """The report after loading every enabled plugin and importing every component, built-ins too."""
        for entry in self.components():
            self._target(entry)
        return self.report()

    def _discovered(self) -> Discovery:
        with self._lock:
            if self._discovery is None:
                from importlib.metadata import distributions

                self._discovery = discover(self._distributions or distributions, self._environment)
            return self._discovery

    def _loaded(self, source: PluginSource) -> LoadedPlugin:
        namespace = source.namespace
        if namespace in self._loading:
            raise PluginError(f"plugin {namespace} was asked for by its own hook module, while that is being imported")
        if namespace not in self._plugins:
            self._loading.add(namespace)
            try:
                self._plugins[namespace] = load_plugin(source, self._manager)
            finally:
                self._loading.remove(namespace)
            _warn(self._plugins[namespace])
        return self._plugins[namespace]

    def _all_loaded(self) -> list[LoadedPlugin]:
        with self._lock:
            return [self._loaded(source) for source in (BUILTIN_SOURCE, *self._discovered().enabled().values())]

    def _addressed(self, name: str) -> tuple[LoadedPlugin, str]:
        if not isinstance(name, str):  # names come from files, too
            raise UnknownComponentError(f"the name of a component must be text, got {name!r}")
        namespace, slash, short = name.rpartition("/")
        return self.plugin(namespace if slash else BUILTIN), short

    def _unknown(self, kind: Kind | None, name: str, addressed: LoadedPlugin) -> UnknownComponentError:
        """The error for a name that is not in ``kind``, or in none at all.

        It suggests the same name in a plugin or, failing that, names that are nearly the same, and says as what else
        the name exists. A bare name can be anybody's, and is worth asking every plugin.
        """
        plugins = [addressed] if "/" in name else self._all_loaded()
        entries = [entry for plugin in plugins for of_kind in plugin.entries.values() for entry in of_kind.values()]
        own = [entry for entry in entries if kind is None or entry.kind == kind.name]
        # of a plugin's own name, what it brings of this kind is meant
        suggestions = [entry.short_name for entry in own if name in (entry.name, entry.namespace)]
        if not suggestions:
            near = nearest(name.rpartition("/")[2], {entry.name: None for entry in own})
            suggestions = [entry.short_name for spelling in near for entry in own if entry.name == spelling]
        elsewhere = [
            f" {entry.short_name!r} is {KINDS[entry.kind].a}."
            for entry in entries
            if entry not in own and name in (entry.name, entry.qualified_name)
        ]
        wanted, command = ("component", "list") if kind is None else (kind.singular, f"list {kind.name}")
        return UnknownComponentError(
            f"there is no {wanted} named {shown(name)}.{meant(dict.fromkeys(suggestions))}{''.join(elsewhere)} "
            f"`layerkit {command}` shows what there is"
        )

    def _target(self, entry: ComponentEntry) -> LoadedTarget:
        with self._lock:
            if entry not in self._targets:
                self._targets[entry] = load_target(entry)
                _warn(self._targets[entry])
            return self._targets[entry]

    def _value(self, entry: ComponentEntry) -> Any:
        return self._target(entry).value


def _warn(loaded: LoadedPlugin | LoadedTarget) -> None:
    """Tell at once what changes the results of others; it is in the report already, should a filter raise it here."""
    for intervention in loaded.interventions:
        warnings.warn(str(intervention), PluginWarning, stacklevel=4)


@cache
def default_host() -> PluginHost:
    """The host of this process, for the command line and for files; it looks at the environment when first used."""
    return PluginHost()
