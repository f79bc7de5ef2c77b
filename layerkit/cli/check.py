"""``layerkit plugins check``: the conformance kit over all that a plugin brings."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from layerkit.cli.components import AsJson
from layerkit.cli.text import output_for_programs, print_json
from layerkit.errors import LayerkitError

if TYPE_CHECKING:
    from layerkit.testing.namespace import Checked


def check_plugin(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAMESPACE", help="Such as acme, or acme/scale for one component; layerkit is built in."
        ),
    ],
    skipped: Annotated[bool, typer.Option("--skipped", help="Also list what did not run, and why.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check a plugin's components: gradients, shapes, dtypes, memory, state and all else that layerkit relies on.

    The cases are those that each component's record names. Kernels that the package brings for a compiled engine are
    checked too, against their components. The exit code is 1 if a check fails, if none was run, or if
    the plugin does not load, and 2 if there is none of this name.
    """
    from time import perf_counter

    from layerkit.registry.host import default_host
    from layerkit.testing.namespace import check_namespace

    host, started = default_host(), perf_counter()
    checked: list[Checked] = []
    error: LayerkitError | None = None
    with output_for_programs() if as_json else nullcontext():
        try:
            for each in check_namespace(name, host):
                checked.append(each)
                if not as_json:
                    _print_report(each, skipped=skipped)
        except LayerkitError as raised:
            error = raised
    if as_json:
        from layerkit.cli.check_report import check_report

        print_json(check_report(name, checked, host, seconds=perf_counter() - started, error=error))
    if error is not None:
        raise error
    failed = sum(len(each.report.failures) for each in checked)
    ran = sum(len(each.report.ran) for each in checked)
    if not as_json:
        _print_total(name, checked, ran=ran, failed=failed)
    if failed or not ran:
        raise typer.Exit(1)


def _print_report(checked: Checked, *, skipped: bool) -> None:
    entry, report = checked.entry, checked.report
    numbers = f"{len(report.ran)} run, {len(report.skipped)} skipped"
    numbers += f", {len(report.waived)} waived" if report.waived else ""
    kind = f"{entry.kind}, kernel for {checked.kernel_for}" if checked.kernel_for else entry.kind
    print(f"{entry.qualified_name} ({kind}): {'ok' if report.ok else 'FAILED'}, {numbers}")
    for failure in report.failures:
        print("  " + str(failure).replace("\n", "\n  "))
    for note in report.expected:
        print(f"  {note.check} fails, as expected: {note.reason}")
    for note in report.waived:
        print(f"  {note.check} is waived: {note.reason}")
    if skipped:
        for note in report.skipped:
            print(f"  {note.check} skipped: {note.reason}")


def _print_total(name: str, checked: list[Checked], *, ran: int, failed: int) -> None:
    if not ran:
        print(f"{name} brings nothing that can be checked.")
        return
    components = len({each.entry.qualified_name for each in checked})
    print(f"\n{_number(components, 'component')}, {_number(ran, 'check')} run, {failed} failed.")


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
