"""What ``layerkit plugins check --json`` prints: the page about the kit describes it, field by field."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from layerkit import __version__
from layerkit.errors import LayerkitError
from layerkit.registry.host import PluginHost
from layerkit.testing.namespace import Checked
from layerkit.testing.report import Failure

SCHEMA = 1
"""Counts the changes after which a program that reads the document would have to be changed; new fields are none."""


def check_report(
    name: str, checked: Sequence[Checked], host: PluginHost, *, seconds: float, error: LayerkitError | None
) -> dict[str, Any]:
    """The document: all that was checked, with what, and what kept anything from being checked."""
    return {
        "schema": SCHEMA,
        "name": name,
        "ok": error is None and bool(checked) and all(each.report.ok for each in checked),
        "seconds": seconds,
        "versions": {
            "python": platform.python_version(),
            "layerkit": __version__,
            "numpy": np.__version__,
            **{each.entry.distribution: each.entry.version for each in checked},
        },
        "error": None if error is None else _error(name, error, host),
        "reports": [_report(each) for each in checked],
    }


def _error(name: str, error: LayerkitError, host: PluginHost) -> dict[str, Any]:
    namespace = name.partition("/")[0]
    failures = [asdict(each) for each in host.report() if each.namespace == namespace and each.severity == "error"]
    return {"type": type(error).__name__, "message": str(error), "failures": failures}


def _report(checked: Checked) -> dict[str, Any]:
    report = checked.report
    return {
        "component": checked.entry.qualified_name,
        "kind": checked.entry.kind,
        "kernel_for": checked.kernel_for,
        "case": checked.case,
        "arguments": dict(checked.arguments),
        "ok": report.ok,
        "seconds": report.seconds,
        "ran": report.ran,
        "skipped": [asdict(note) for note in report.skipped],
        "waived": [asdict(note) for note in report.waived],
        "expected": [asdict(note) for note in report.expected],
        "failures": [_failure(failure) for failure in report.failures],
    }


def _failure(failure: Failure) -> dict[str, Any]:
    found = {name: getattr(failure, name) for name in ("check", "found", "expected", "cause")}
    raised = failure.raised
    if raised is None or not raised.file:
        return {**found, "raised": None}
    return {**found, "raised": {name: getattr(raised, name) for name in ("error", "file", "line", "function", "code")}}
