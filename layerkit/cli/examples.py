"""``layerkit examples``: what ``layerkit run`` knows by name."""

from __future__ import annotations

import typer

from layerkit.cli.components import AsJson, summary_of
from layerkit.cli.text import print_columns, print_json


def list_examples(as_json: AsJson = False) -> None:
    """List the examples that `layerkit run` knows by name."""
    from layerkit.registry.host import default_host

    entries = default_host().components("examples")
    if as_json:
        print_json([summary_of(entry) for entry in entries])
        return
    print_columns([(entry.short_name, entry.summary) for entry in entries])
    typer.echo("\nRun one by `layerkit run NAME`; options such as --epochs 3 change it.", err=True)
