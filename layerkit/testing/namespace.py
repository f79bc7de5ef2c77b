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
from layerkit.testing.kernels import Kernels, brought_by, check_kernels
from layerkit.testing.report import Failure, Report


@final
@dataclass(frozen=True, slots=True)
class Checked:
    """A component, and what came of checking it in one case: which of its cases, and with which arguments.

    ``case`` is None where the component, or its cases, cannot be loaded. ``kernel_for`` is empty, or the package of
    the engine
    for which it has a kernel: then that was checked.
    """

    entry: ComponentEntry
    report: Report
    case: int | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    kernel_for: str = ""


def check_namespace(name: str, host: PluginHost) -> Iterator[Checked]:
    """Every component of a namespace, ``acme``, or one of them, ``acme/scale``, in each case that its author declares.

    Then the kernels that the same distribution brings, for its own components or for others'. Examples, which are run
    and not used, are left out.

    Raises:
        UnknownComponentError, PluginError: there is no such plugin or component, or it does not load.
    """
    if "/" in name:
        entries = host.find_every(name)
    else:
        entries = [entry for of_kind in host.plugin(name).entries.values() for entry in of_kind.values()]
    entries = [entry for entry in entries if KINDS[entry.kind].base is not None]
    for entry in entries:
        yield from _checked(entry, host)
    kernels = brought_by(host.plugin(name.partition("/")[0]).source.distribution)
    # one component was asked for, or all that a package has to do with
    served = entries if "/" in name or not kernels else host.components()
    for each in kernels:
        for entry in served:
            if entry.target.partition(".")[0].partition(":")[0] == each.serves and KINDS[entry.kind].base is not None:
                yield from _checked_kernels(each, entry, host)


def _checked_kernels(kernels: Kernels, entry: ComponentEntry, host: PluginHost) -> Iterator[Checked]:
    outcome = contained(_cases, entry, host)
    # what cannot be loaded is told by the component's own checks
    for number, (target, case) in enumerate(outcome.value or ()):
        for report in check_kernels(kernels, target, case):
            yield Checked(entry, report, number, case.arguments, kernels.package)


def _cases(entry: ComponentEntry, host: PluginHost) -> list[tuple[object, Case]]:
    target = host.load(entry.kind, entry.qualified_name)
    return [(target, case) for case in cases_of(target, entry.cases)]


def _checked(entry: ComponentEntry, host: PluginHost) -> Iterator[Checked]:
    """The component in each of its cases; a failure if it or its cases do not load."""
    outcome = contained(_cases, entry, host)
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
