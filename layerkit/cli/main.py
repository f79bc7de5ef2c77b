"""The program ``layerkit``: its commands, and the one place where errors become messages."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from layerkit import __version__
from layerkit.cli import plugins
from layerkit.cli.components import list_components, list_examples, show_component
from layerkit.cli.plot_command import HANDED_ON, plot
from layerkit.cli.predict import predict_file
from layerkit.cli.run import EXTRA_ARGUMENTS, run
from layerkit.cli.saved_models import evaluate_file, inspect_file
from layerkit.cli.text import print_error
from layerkit.cli.warning_lines import warnings_as_lines
from layerkit.errors import ArgumentError, LayerkitError, PluginWarning, UnknownComponentError
from layerkit.terminal import discard_output, open_streams

_USAGE_ERRORS = (ArgumentError, UnknownComponentError)

# Help is plain text: rich would take as long to import as everything else together.
app = typer.Typer(name="layerkit", no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
app.command("run", context_settings=EXTRA_ARGUMENTS)(run)
app.command("examples")(list_examples)
app.command("evaluate")(evaluate_file)
app.command("predict")(predict_file)
app.command("inspect")(inspect_file)
app.command("plot", context_settings=HANDED_ON)(plot)
app.command("list")(list_components)
app.command("show")(show_component)
app.add_typer(plugins.app, name="plugins")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"layerkit {__version__}")
        raise typer.Exit


@app.callback()
def layerkit(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Neural networks in which every part is a plugin."""


def main(arguments: list[str] | None = None) -> None:
    """Run the program with these arguments (those of the process if left out), and end it.

    The exit code is 0, or 2 for wrong usage (an unknown name, an argument that is refused), or 1 for a failure.
    """
    open_streams()
    try:
        with warnings_as_lines(PluginWarning):
            app(args=arguments, prog_name="layerkit")
    except (LayerkitError, PluginWarning) as error:
        for line in (f"Error: {error}", *getattr(error, "__notes__", ())):
            print_error(line)
        sys.exit(2 if isinstance(error, _USAGE_ERRORS) else 1)
    except OSError as error:
        if error.filename is not None:
            print_error(f"Error: {os.fsdecode(error.filename)}: {error.strerror or error}")
            sys.exit(1)
        # no file is named: it is the output itself that could not be written, to a full disk say
        discard_output()
        print_error(f"Error: standard output cannot be written: {error.strerror or error}")
        sys.exit(1)
