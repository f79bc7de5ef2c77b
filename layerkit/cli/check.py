"""``layerkit plugins check``: the conformance kit over all that a plugin brings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from layerkit.cli.components import AsJson
from layerkit.cli.text import print_json

if TYPE_CHECKING:
    from layerkit.registry.loading import ComponentEntry
    from layerkit.testing import Report


def check_plugin(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAMESPACE", help="Such as acme, or acme/scale for one component; layerkit is built in."
        ),
    ],
    skipped: Annotated[bool, typer.Option("--skipped", help="Also list what does not apply, and why.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check a plugin's components: gradients, shapes, dtypes, memory, state and all else that layerkit relies on.

    The cases are those that each component's record names. The exit code is 1 if a check fails, or if none was run.
    """
    from dataclasses import asdict

    from layerkit.registry.host import default_host
    from layerkit.testing.namespace import check_namespace

    reports: list[tuple[ComponentEntry, Report]] = []
    for entry, report in check_namespace(name, default_host()):
        reports.append((entry, report))
        if not as_json:
            _print_report(entry, report, skipped=skipped)
    failed = sum(len(report.failures) for _, report in reports)
    ran = sum(len(report.ran) for _, report in reports)
    if as_json:
        print_json([{"name": entry.qualified_name, "ok": report.ok, **asdict(report)} for entry, report in reports])
    elif not ran:
        print(f"{name} brings nothing that can be checked.")
    else:
        components = len({entry.qualified_name for entry, _ in reports})
        print(f"\n{_number(components, 'component')}, {_number(ran, 'check')} run, {failed} failed.")
    if failed or not ran:
        raise typer.Exit(1)


def _print_report(entry: ComponentEntry, report: Report, *, skipped: bool) -> None:
    verdict = "ok" if report.ok else "FAILED"
    print(f"{entry.qualified_name} ({entry.kind}): {verdict}, {len(report.ran)} run, {len(report.skipped)} skipped")
    for failure in report.failures:
        print("  " + str(failure).replace("\n", "\n  "))
    for note in report.expected:
        print(f"  {note.check} fails, as expected: {note.reason}")
    if skipped:
        for note in report.skipped:
            print(f"  {note.check} skipped: {note.reason}")


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
