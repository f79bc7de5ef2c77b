"""Checking everything that a plugin, or layerkit itself, brings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from layerkit.errors import LayerkitError
from layerkit.registry.discovery import BUILTIN
from layerkit.registry.host import PluginHost
from layerkit.registry.loading import ComponentEntry
from layerkit.testing.builtin_cases import builtin_cases
from layerkit.testing.report import Failure, Report
from layerkit.testing.running import check

_NOT_CHECKED = "examples"


def check_namespace(name: str, host: PluginHost) -> Iterator[tuple[ComponentEntry, Report]]:
    """Every component of a namespace, ``acme``, or one of them, ``acme/scale``, with its reports.

    There is a report for each case that the author declares. Examples, which are run and not used, are left out.

    Raises:
        UnknownComponentError, PluginError: there is no such plugin or component, or it does not load.
    """
    if "/" in name:
        entries = host.find_every(name)
    else:
        entries = [entry for of_kind in host.plugin(name).entries.values() for entry in of_kind.values()]
    for entry in entries:
        if entry.kind != _NOT_CHECKED:
            yield from ((entry, report) for report in _reports(entry, host))


def _reports(entry: ComponentEntry, host: PluginHost) -> Iterator[Report]:
    try:
        target = host.load(entry.kind, entry.qualified_name)
        for options in _options(entry, target):
            yield check(target, **options)
    except LayerkitError as error:
        cause = "the target, or its conformance_cases; `layerkit plugins doctor` may say more"
        failure = Failure("concrete-subclass", f"{type(error).__name__}: {error}", "a component and its cases", cause)
        yield Report(entry.name, ("concrete-subclass",), (), (failure,))


def _options(entry: ComponentEntry, target: Any) -> list[Any]:
    if entry.namespace == BUILTIN:
        return list(builtin_cases().get(f"{entry.kind}/{entry.name}", [{}]))
    return list(getattr(target, "conformance_cases", ({},)))
