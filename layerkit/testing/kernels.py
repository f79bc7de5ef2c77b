"""Kernels: code that a package brings for components, so that an engine of another package can compile them.

Whose they are, metadata tell: an entry point in the group ``PACKAGE.kernels``, ``PACKAGE`` being the engine's, is
named after the top-level module of the components that its module has kernels for. Then ``PACKAGE.testing`` offers
``has_kernel(component_class)`` and ``check_kernel(component_class, **options)``, which takes the options of ``Case``
and returns a ``Report``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from importlib import import_module
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any, final

from layerkit.registry.containment import contained
from layerkit.registry.messages import describe
from layerkit.testing.case import Case
from layerkit.testing.report import Failure, Report

_SUFFIX = ".kernels"


@final
@dataclass(frozen=True, slots=True)
class Kernels:
    """Those that one distribution brings for the components of one top-level module, and for which engine's package."""

    package: str
    serves: str


def brought_by(name: str) -> list[Kernels]:
    """What the distribution of this name brings."""
    try:
        points = distribution(name).entry_points
    except PackageNotFoundError:
        return []
    return [Kernels(point.group.removesuffix(_SUFFIX), point.name) for point in points if point.group.endswith(_SUFFIX)]


def check_kernels(kernels: Kernels, target: Any, case: Case) -> Iterator[Report]:
    """The report on a component's kernel; nothing where there is none for it."""
    module = contained(import_module, f"{kernels.package}.testing")
    if module.error is not None:
        yield _unusable(kernels, describe(module.error))
        return
    offered: Any = module.value
    known = contained(lambda: bool(offered.has_kernel(target)))
    if known.error is not None:
        yield _unusable(kernels, describe(known.error))
    if not known.value:
        return
    # what differs from the default, since the engine's package may know an earlier Case
    default = Case()
    options = {it.name: getattr(case, it.name) for it in fields(Case)}
    changed = {name: value for name, value in options.items() if value != getattr(default, name)}
    for name in ("checks", "expected_failures", "waived"):
        # they name checks of the component
        changed.pop(name, None)
    checked = contained(lambda: offered.check_kernel(target, **changed))
    if isinstance(checked.value, Report):
        yield checked.value
    else:
        told = "check_kernel gives no Report" if checked.error is None else describe(checked.error)
        yield _unusable(kernels, told)


def _unusable(kernels: Kernels, found: str) -> Report:
    cause = f"what {kernels.package} needs, or the kernels for {kernels.serves}, cannot be imported"
    failure = Failure("kernel-made", found, "a kernel that can be checked", cause)
    return Report(f"the kernels for {kernels.serves}", (failure.check,), (), (failure,))
