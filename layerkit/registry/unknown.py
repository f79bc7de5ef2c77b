"""What to say about a name that nobody has."""

from __future__ import annotations

from collections.abc import Iterable

from layerkit.errors import LayerkitError, PluginError, UnknownComponentError
from layerkit.registry.discovery import Discovery
from layerkit.registry.kinds import KINDS, Kind
from layerkit.registry.loading import LoadedPlugin
from layerkit.registry.nearest import did_you_mean, meant, nearest


def unknown_name(kind: Kind | None, name: str, plugins: Iterable[LoadedPlugin]) -> UnknownComponentError:
    """The error for a name that is not in ``kind``, or in none at all.

    It suggests the same name in a plugin or, failing that, names that are nearly the same, and says as what else the
    name exists.
    """
    entries = [entry for plugin in plugins for of_kind in plugin.entries.values() for entry in of_kind.values()]
    own = [entry for entry in entries if kind is None or entry.kind == kind.name]
    suggestions = [entry.short_name for entry in own if entry.name == name]
    if not suggestions:
        by_spelling: dict[str, list[str]] = {}
        for entry in own:
            by_spelling.setdefault(entry.name, []).append(entry.short_name)
        near = nearest(name.rpartition("/")[2], by_spelling)
        suggestions = [short_name for spelling in near for short_name in by_spelling[spelling]]
    elsewhere = [
        f" {entry.short_name!r} is {KINDS[entry.kind].a}."
        for entry in entries
        if entry not in own and name in (entry.name, entry.qualified_name)
    ]
    wanted, command = ("component", "list") if kind is None else (kind.singular, f"list {kind.name}")
    return UnknownComponentError(
        f"there is no {wanted} named {_shown(name)}.{meant(dict.fromkeys(suggestions))}{''.join(elsewhere)} "
        f"`layerkit {command}` shows what there is"
    )


def unavailable_namespace(namespace: str, discovery: Discovery) -> LayerkitError:
    """The error for a namespace that no enabled plugin has."""
    claims = [source for source in discovery.sources if source.namespace == namespace]
    refused = [
        failure for failure in discovery.failures if failure.namespace == namespace and failure.stage == "discover"
    ]
    if refused:
        return PluginError(str(refused[0]))
    if claims:
        return PluginError(f"plugin {namespace} ({claims[0]}) is installed and disabled: {claims[0].reason}")
    names = sorted(discovery.enabled())
    installed = f"Installed plugins: {', '.join(names)}" if names else "No plugin is installed"
    return UnknownComponentError(
        f"no plugin has the namespace {_shown(namespace)}.{did_you_mean(namespace, names)} {installed}: install the "
        "package that has it, or take a name that `layerkit list` shows"
    )


def _shown(name: str) -> str:
    """The name as it was given, cut where it is so long that it must come from a damaged file."""
    return repr(name if len(name) <= 80 else f"{name[:80]}…")
