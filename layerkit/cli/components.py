"""``layerkit list``, ``show`` and ``examples``: which components there are, and what each of them takes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerkit.cli.text import print_columns, print_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from layerkit.cli.details import Argument
    from layerkit.registry.loading import ComponentEntry

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def list_components(
    kind: Annotated[str | None, typer.Argument(help="Only this kind, such as layers.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the components that can be used by name."""
    from layerkit.registry.host import default_host

    host = default_host()
    entries = host.components(kind)
    if as_json:
        print_json([summary_of(entry) for entry in entries])
    elif entries:
        print_by_kind(entries)
    else:
        print("There are none.")
    refused = {failure.namespace for failure in host.report() if failure.severity == "error"}
    if refused:
        number = "1 plugin" if len(refused) == 1 else f"{len(refused)} plugins"
        print(f"{number} could not be loaded: see `layerkit plugins doctor`.", file=sys.stderr)


def show_component(
    name: Annotated[str, typer.Argument(help="Such as dense, or acme/scale for a plugin's.")],
    kind: Annotated[str | None, typer.Option(help="Of which kind, where several have the name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a component does, its arguments, and its origin."""
    from dataclasses import asdict

    from layerkit.cli.details import arguments_of, documentation_of
    from layerkit.registry.host import default_host

    host = default_host()
    entries = host.find_every(name) if kind is None else [host.find(kind, name)]
    described = []
    for entry in entries:
        target = host.load(entry.kind, entry.qualified_name)
        described.append((entry, documentation_of(target), arguments_of(target)))
    if as_json:
        print_json(
            [
                {**summary_of(entry), "documentation": documentation, "arguments": [*map(asdict, arguments)]}
                for entry, documentation, arguments in described
            ]
        )
        return
    for number, (entry, documentation, arguments) in enumerate(described):
        if number:
            print()
        _print_component(entry, documentation, arguments)


def list_examples(as_json: AsJson = False) -> None:
    """List the examples that `layerkit run` knows by name."""
    from layerkit.registry.host import default_host

    entries = default_host().components("examples")
    if as_json:
        print_json([summary_of(entry) for entry in entries])
        return
    print_columns([(entry.short_name, entry.summary) for entry in entries])
    typer.echo("\nRun one by `layerkit run NAME`; options such as --epochs 3 change it.", err=True)


def summary_of(entry: ComponentEntry) -> dict[str, Any]:
    """What is known of a component without importing it."""
    return {
        "name": entry.short_name,
        "kind": entry.kind,
        "qualified_name": entry.qualified_name,
        "summary": entry.summary,
        "target": entry.target,
        "namespace": entry.namespace,
        "distribution": entry.distribution,
        "version": entry.version,
    }


def print_by_kind(entries: Iterable[ComponentEntry]) -> None:
    """Print names and summaries under the kind's name."""
    by_kind: dict[str, list[tuple[str, str]]] = {}
    for entry in entries:
        by_kind.setdefault(entry.kind, []).append((entry.short_name, entry.summary))
    for number, (kind, rows) in enumerate(by_kind.items()):
        if number:
            print()
        print(kind)
        print_columns(rows, indent="  ")


def _print_component(entry: ComponentEntry, documentation: str, arguments: Sequence[Argument]) -> None:
    from layerkit.registry.kinds import KINDS

    print(f"{entry.short_name} ({KINDS[entry.kind].singular}): {entry.summary}")
    if documentation:
        print(f"\n{documentation}")
    if arguments:
        print("\nArguments:")
        print_columns(
            [
                (
                    argument.name,
                    argument.type,
                    "required" if argument.required else f"default {argument.default!r}",
                    argument.meaning,
                )
                for argument in arguments
            ],
            indent="  ",
        )
    print(f"\nFrom {entry.source}: {entry.target}")
