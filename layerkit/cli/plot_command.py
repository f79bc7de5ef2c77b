"""``layerkit plot``, whose commands are made when one of them is asked for: the program starts as fast without them."""

from __future__ import annotations

import typer

HANDED_ON = {
    "allow_extra_args": True,
    "allow_interspersed_args": False,
    "ignore_unknown_options": True,
    "help_option_names": [],
}
"""Everything that follows, ``--help`` too, is for the command that is named there."""


def plot(ctx: typer.Context) -> None:
    """Draw runs, models, and what models make of data (needs layerkit[plot])."""
    from layerkit.cli.plot import app

    app(args=ctx.args, prog_name="layerkit plot")
