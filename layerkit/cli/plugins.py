"""``layerkit plugins``: which plugins are installed, what they bring, and what is wrong with them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Annotated

import typer

from layerkit.cli.check import check_plugin
from layerkit.cli.components import AsJson, print_by_kind, summary_of
from layerkit.cli.new import new_plugin
from layerkit.cli.text import print_columns, print_json
from layerkit.errors import PluginWarning

if TYPE_CHECKING:
    from layerkit.registry.messages import Failure

app = typer.Typer(no_args_is_help=True, help="See what is installed, and what is wrong with it.")
app.command("check")(check_plugin)
app.command("new")(new_plugin)


@app.command("list")
def list_plugins(as_json: AsJson = False) -> None:
    """List the installed plugins; none is imported."""
    from dataclasses import asdict

    from layerkit.registry.host import default_host

    sources = default_host().plugins()
    if as_json:
        print_json([asdict(source) for source in sources])
    elif not sources:
        print("No plugin is installed.")
    else:
        rows = [
            (source.namespace, str(source), source.module, f"{source.status} {source.reason and f'({source.reason})'}")
            for source in sources
        ]
        print_columns([("Namespace", "Distribution", "Module", "Status"), *rows])


@app.command("show")
def show_plugin(
    namespace: Annotated[str, typer.Argument(help="Such as acme.")],
    as_json: AsJson = False,
) -> None:
    """Show one plugin's origin and its components."""
    from dataclasses import asdict

    from layerkit.registry.host import default_host

    with warnings.catch_warnings(action="ignore", category=PluginWarning):
        plugin = default_host().plugin(namespace)
    entries = [entry for of_kind in plugin.entries.values() for entry in of_kind.values()]
    if as_json:
        print_json(
            {
                **asdict(plugin.source),
                "components": [summary_of(entry) for entry in entries],
                "warnings": [asdict(failure) for failure in plugin.failures],
            }
        )
        return
    print(f"{namespace}: {plugin.source}, hook module {plugin.source.module}\n")
    if entries:
        print_by_kind(entries)
    else:
        print("It brings no component.")
    for failure in plugin.failures:
        print(f"\nWarning: {failure}")


@app.command("doctor")
def examine_plugins(as_json: AsJson = False) -> None:
    """Report all that is wrong with plugins, and what to do.

    Imports everything that they bring, and prints every failure with its stage, cause and hint.

    The exit code is 1 if there is a failure; warnings alone leave it at 0.
    """
    from dataclasses import asdict

    from layerkit.registry.host import default_host

    host = default_host()
    with warnings.catch_warnings(action="ignore", category=PluginWarning):
        failures = host.examine()
    errors = sum(failure.severity == "error" for failure in failures)
    if as_json:
        print_json([asdict(failure) for failure in failures])
    else:
        for failure in failures:
            _print_failure(failure)
        harmless = len(failures) - errors
        print(f"{_number(len(host.plugins()), 'plugin')} installed: {_number(errors, 'failure')}, ", end="")
        print(_number(harmless, "warning"))
    if errors:
        raise typer.Exit(1)


def _print_failure(failure: Failure) -> None:
    print(f"{failure.severity.capitalize()}: {failure.subject}")
    print_columns([("stage", failure.stage), ("cause", failure.error), ("hint", failure.hint)], indent="  ")
    print()


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
