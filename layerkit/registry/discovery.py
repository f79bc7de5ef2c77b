"""Finding plugins: reads the metadata of installed distributions, and imports nothing of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from layerkit.component import is_name
from layerkit.registry.failure import Failure
from layerkit.registry.selection import Selection, normalized
from layerkit.registry.source import BUILTIN, PluginSource

if TYPE_CHECKING:
    from importlib.metadata import Distribution

GROUP = "layerkit"
"""The entry-point group: ``[project.entry-points.layerkit]`` in a plugin's pyproject.toml."""

Distributions: TypeAlias = "Callable[[], Iterable[Distribution]]"


@dataclass(frozen=True, slots=True)
class Discovery:
    """The plugins that are installed, also those that will not load, and what was wrong with them."""

    sources: tuple[PluginSource, ...]
    failures: tuple[Failure, ...]

    def enabled(self) -> dict[str, PluginSource]:
        """The plugins that may load, by namespace."""
        return {source.namespace: source for source in self.sources if source.status == "enabled"}


def discover(distributions: Distributions, environment: Mapping[str, str]) -> Discovery:
    """What is installed, what the environment lets through, and which claims are refused.

    A disabled plugin claims nothing: of two packages with one namespace, disabling one makes room for the other.
    """
    selection = Selection(environment)
    claims: list[PluginSource] = []
    failures: list[Failure] = []
    unreadable: list[str] = []
    seen = set()
    for distribution in distributions():
        name = None
        try:
            if not _may_be_plugin(distribution):
                continue
            name = _distribution_name(distribution)
            # Of several copies on the path the first is the one that Python imports.
            if normalized(name) not in seen:
                seen.add(normalized(name))
                claims += _claims(distribution, name)
        except Exception as error:  # a damaged installation may raise anything
            name = name or _distribution_name(distribution)
            unreadable.append(name)
            if not selection.why_disabled("", name):
                failures.append(_unreadable(name, error))
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
    if namespace == BUILTIN:
        return f"the namespace {BUILTIN!r} is layerkit's own", "its author must give the entry point another name"
    if not is_name(namespace):
        return (
            f"{namespace!r} is not a namespace: lowercase words joined by hyphens or underscores are",
            "its author must give the entry point another name",
        )
    if len(rivals) > 1:
        return (
            f"the namespace {namespace!r} is claimed {len(rivals)} times, by {' and by '.join(map(str, rivals))}",
            "uninstall all but one of them, or name the distributions to leave out in LAYERKIT_PLUGINS_DENY",
        )
    module = rivals[0].module
    if not all(part.isidentifier() for part in module.split(".")):
        return (
            f"the entry point {namespace!r} names {module!r}, which is not a module",
            f'its author must write a module: {namespace} = "package.hooks"',
        )
    return None


def _may_be_plugin(distribution: Distribution) -> bool:
    """A look at the text: most distributions have nothing to do with layerkit, and parsing takes its time."""
    return GROUP in (distribution.read_text("entry_points.txt") or "")


def _claims(distribution: Distribution, name: str) -> list[PluginSource]:
    version = _field(distribution, "Version")
    return [
        PluginSource(point.name, point.value, name, version)
        for point in distribution.entry_points
        if point.group == GROUP
    ]


def _distribution_name(distribution: Distribution) -> str:
    """The name in the metadata or, where that is damaged, in the name of its folder."""
    name = _field(distribution, "Name")
    if name is None:
        folder = getattr(distribution, "_path", None)
        name = "a distribution without a name" if folder is None else folder.name.partition("-")[0]
    return name


def _field(distribution: Distribution, name: str) -> str | None:
    try:
        fields = distribution.metadata
        return str(fields[name]) if name in fields else None
    except Exception:  # METADATA is missing or damaged
        return None


def _unreadable(name: str, error: Exception) -> Failure:
    text = f"the entry points of {name} could not be read: {type(error).__name__}: {error}"
    return Failure("", "discover", text, f"reinstall {name}", name)
