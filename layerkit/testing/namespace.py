"""Checking everything that a plugin, or layerkit itself, brings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, final

from layerkit.registry.containment import contained
from layerkit.registry.host import PluginHost
from layerkit.registry.kinds import KINDS
from layerkit.registry.loading import ComponentEntry
from layerkit.registry.messages import describe
from layerkit.testing.case import Case, cases_of
from layerkit.testing.checking import check_case
from layerkit.testing.report import Failure, Report


@final
@dataclass(frozen=True, slots=True)
class Checked:
    """A component, and what came of checking it in one case: which of its cases, and with which arguments.

    ``case`` is None where the component, or its cases, cannot be loaded.
    """

    entry: ComponentEntry
    report: Report
    case: int | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)


def check_namespace(name: str, host: PluginHost) -> Iterator[Checked]:
    """Every component of a namespace, ``acme``, or one of them, ``acme/scale``, in each case that its author declares.

    Examples, which are run and not used, are left out.

    Raises:
        UnknownComponentError, PluginError: there is no such plugin or component, or it does not load.
    """
    if "/" in name:
        entries = host.find_every(name)
    else:
        entries = [entry for of_kind in host.plugin(name).entries.values() for entry in of_kind.values()]
    for entry in entries:
        if KINDS[entry.kind].base is not None:
            yield from _checked(entry, host)


def _checked(entry: ComponentEntry, host: PluginHost) -> Iterator[Checked]:
    """The component in each of its cases; a failure if it or its cases do not load."""

    def cases() -> list[tuple[object, Case]]:
        target = host.load(entry.kind, entry.qualified_name)
        return [(target, case) for case in cases_of(target, entry.cases)]

    outcome = contained(cases)
    if outcome.error is not None:
        cause = "the target, or the cases that its record names; `layerkit plugins doctor` may say more"
        yield Checked(entry, _unusable(entry, describe(outcome.error), cause))
    for number, (target, case) in enumerate(outcome.value or ()):
        checked = contained(check_case, target, case)
        report = checked.value
        if report is None:
            assert checked.error is not None
            report = _unusable(entry, describe(checked.error), "the options of a case in which it is to be checked")
        yield Checked(entry, report, number, case.arguments)


def _unusable(entry: ComponentEntry, found: str, cause: str) -> Report:
    failure = Failure("concrete-subclass", found, "a component and its cases", cause)
    return Report(entry.name, (failure.check,), (), (failure,))
