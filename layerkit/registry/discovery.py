"""Finding plugins: what installed metadata announces and what the environment lets through; nothing is imported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, final

from layerkit import __version__
from layerkit.component import is_name
from layerkit.errors import LayerkitError, PluginError, UnknownComponentError
from layerkit.registry.containment import contained
from layerkit.registry.messages import Failure, describe, printable, shown
from layerkit.suggestions import did_you_mean

if TYPE_CHECKING:
    from importlib.metadata import Distribution

GROUP = "layerkit"
"""The entry-point group: ``[project.entry-points.layerkit]`` in a plugin's pyproject.toml."""
BUILTIN = "layerkit"
"""The namespace of the built-in components."""
ALLOW = "LAYERKIT_PLUGINS"
DENY = "LAYERKIT_PLUGINS_DENY"

Distributions: TypeAlias = "Callable[[], Iterable[Distribution]]"
Status: TypeAlias = Literal["enabled", "disabled", "refused"]


@dataclass(frozen=True, slots=True)
class PluginSource:
    """Who claims a namespace, and with which hook module.

    ``status``: *enabled*; *disabled* by the environment; or *refused*. ``reason`` explains the last two.
    """

    namespace: str
    module: str
    distribution: str
    version: str | None
    status: Status = "enabled"
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}" if self.version else self.distribution


BUILTIN_SOURCE = PluginSource(BUILTIN, "layerkit.builtin", BUILTIN, __version__)


@dataclass(frozen=True, slots=True)
class Discovery:
    """The plugins that are installed, also those that will not load, and what was wrong with them."""

    sources: tuple[PluginSource, ...]
    failures: tuple[Failure, ...]

    def enabled(self) -> dict[str, PluginSource]:
        """The plugins that may load, by namespace."""
        return {source.namespace: source for source in self.sources if source.status == "enabled"}

    def unavailable(self, namespace: str) -> LayerkitError:
        """The error for a namespace that no enabled plugin has."""
        claims = [source for source in self.sources if source.namespace == namespace]
        refused = [
            failure for failure in self.failures if failure.namespace == namespace and failure.stage == "discover"
        ]
        if refused:
            return PluginError(str(refused[0]))
        if claims:
            return PluginError(f"plugin {namespace} ({claims[0]}) is installed and disabled: {claims[0].reason}")
        enabled = self.enabled()
        names = sorted(enabled)
        package = _plain(namespace)
        of_package = [name for name in names if package == _plain(enabled[name].distribution)]
        if of_package:
            return UnknownComponentError(
                f"{shown(namespace)} is a package, which is installed; its components have the namespace "
                f"{' or '.join(map(repr, of_package))}: say that"
            )
        installed = f"Installed plugins: {', '.join(names)}" if names else "No plugin is installed"
        return UnknownComponentError(
            f"no plugin has the namespace {shown(namespace)}.{did_you_mean(namespace, names)} {installed}: install the "
            "package that has it, or take a name that `layerkit list` shows"
        )


def _plain(distribution: str) -> str:
    """A package's name without what may be written in several ways."""
    return distribution.lower().replace("_", "-").replace(".", "-")


def discover(distributions: Distributions, environment: Mapping[str, str]) -> Discovery:
    """What is installed, what the environment lets through, and which claims are refused.

    A disabled plugin claims nothing: of two packages with one namespace, disabling one makes room for the other.
    """
    selection = Selection(environment)
    claims: list[PluginSource] = []
    failures: list[Failure] = []
    unreadable: list[str] = []
    seen: set[str] = set()
    for distribution in distributions():
        outcome = contained(_may_be_plugin, distribution)
        if outcome.error is None and not outcome.value:
            continue
        name = contained(_distribution_name, distribution).value or "a distribution without a name"
        # of several copies on the path the first is the one that Python imports
        if normalized(name) in seen:
            continue
        seen.add(normalized(name))
        found = contained(_claims, distribution, name)
        claims += found.value or ()
        error = outcome.error or found.error
        if error is not None:
            unreadable.append(name)
            if not selection.why_disabled("", name):
                told = f"the entry points of {name} could not be read: {describe(error)}"
                failures.append(Failure("", "discover", told, f"reinstall {name}", name))
    failures += selection.unknown_names(
        [*((claim.namespace, claim.distribution) for claim in claims), *(("", name) for name in unreadable)]
    )
    by_namespace: defaultdict[str, list[PluginSource]] = defaultdict(list)
    sources: list[PluginSource] = []
    for claim in claims:
        reason = selection.why_disabled(claim.namespace, claim.distribution)
        if reason:
            sources.append(replace(claim, status="disabled", reason=reason))
        else:
            by_namespace[claim.namespace].append(claim)
    for namespace, rivals in by_namespace.items():
        refusal = _refusal(namespace, rivals)
        if refusal is None:
            sources += rivals
            continue
        reason, hint = refusal
        for rival in rivals:
            sources.append(replace(rival, status="refused", reason=reason))
            failures.append(Failure(namespace, "discover", reason, hint, rival.distribution, rival.version))
    sources.sort(key=lambda source: (source.namespace, source.distribution or ""))
    return Discovery(tuple(sources), tuple(failures))


def _refusal(namespace: str, rivals: list[PluginSource]) -> tuple[str, str] | None:
    rename = "its author must give the entry point another name"
    if namespace == BUILTIN:
        return f"the namespace {BUILTIN!r} is layerkit's own", rename
    if not is_name(namespace):
        return f"{namespace!r} is not a namespace: lowercase words joined by hyphens or underscores are", rename
    if len(rivals) > 1:
        return (
            f"the namespace {namespace!r} is claimed {len(rivals)} times, by {' and by '.join(map(str, rivals))}",
            f"uninstall all but one of them, or name the distributions to leave out in {DENY}",
        )
    module = rivals[0].module
    if not all(part.isidentifier() for part in module.split(".")):
        return (
            f"the entry point {namespace!r} names {module!r}, which is not a module",
            f'its author must write a module: {namespace} = "package.hooks"',
        )
    return None


def _claims(distribution: Distribution, name: str) -> list[PluginSource]:
    version = _field(distribution, "Version")
    return [
        PluginSource(printable(point.name), printable(point.value), name, version)
        for point in distribution.entry_points
        if point.group == GROUP
    ]


def _may_be_plugin(distribution: Distribution) -> bool:
    """A look at the text: most distributions have nothing to do with layerkit, and parsing takes its time."""
    return GROUP in (distribution.read_text("entry_points.txt") or "")


def _distribution_name(distribution: Distribution) -> str:
    """The name in the metadata or, where that is damaged, in the name of its folder."""
    folder: Any = getattr(distribution, "_path", None)
    return _field(distribution, "Name") or str(folder.name).partition("-")[0]


def _field(distribution: Distribution, name: str) -> str | None:
    def field() -> str | None:
        fields = distribution.metadata
        return printable(str(fields[name])) if name in fields else None

    return contained(field).value  # None where METADATA is missing or damaged


@final
class Selection:
    """``LAYERKIT_PLUGINS=acme,conv`` loads only these; ``LAYERKIT_PLUGINS=`` loads none; ``LAYERKIT_PLUGINS_DENY=acme``
    loads all but this one. Names are namespaces or distributions. Denying wins, and the built-ins are always there.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        allowed = environment.get(ALLOW)
        self._allowed = None if allowed is None else _names(allowed)
        self._denied = _names(environment.get(DENY, ""))

    def why_disabled(self, namespace: str, distribution: str) -> str:
        """Why a plugin must not load; empty if it may."""
        if any(_is_named(name, namespace, distribution) for name in self._denied):
            return f"{DENY} lists it"
        if self._allowed is None or any(_is_named(name, namespace, distribution) for name in self._allowed):
            return ""
        return f"{ALLOW} does not list it" if self._allowed else f"{ALLOW} is set, and empty"

    def unknown_names(self, installed: Sequence[tuple[str, str]]) -> list[Failure]:
        """A warning for every listed name that is not installed: probably a slip of the keyboard."""
        found = []
        for variable, names in ((ALLOW, self._allowed or ()), (DENY, self._denied)):
            for name in sorted(names):
                if name == BUILTIN and variable == DENY:
                    error, hint = f"{DENY} lists {BUILTIN!r}; the built-ins cannot be denied", "remove the name"
                elif name == BUILTIN or any(_is_named(name, *plugin) for plugin in installed):
                    continue
                else:
                    error = f"{variable} lists {name!r}, and no installed plugin has this name"
                    known = {known for plugin in installed for known in plugin}
                    hint = f"correct or remove the name.{did_you_mean(name, known)}"
                found.append(Failure(name, "filter", error, hint, severity="warning"))
        return found


def normalized(distribution: str) -> str:
    """A distribution's name as package indexes compare it: ``Acme_Layers`` is ``acme-layers``."""
    return "-".join(part for part in distribution.lower().replace("_", "-").replace(".", "-").split("-") if part)


def _names(text: str) -> set[str]:
    return {name for name in map(str.strip, text.split(",")) if name}


def _is_named(name: str, namespace: str, distribution: str) -> bool:
    return name == namespace or normalized(name) == normalized(distribution)
