"""``layerkit run``: an example, an experiment or a Python file is run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from layerkit.cli.places import place
from layerkit.cli.report_file import Report
from layerkit.terminal import do_without_output

EXTRA_ARGUMENTS = {"allow_extra_args": True, "ignore_unknown_options": True}
"""What follows a Python file's name is the file's own; for anything else it is refused by hand."""


def run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME|FILE", help="An example, or a .toml or .py file.")],
    layers: Annotated[str | None, typer.Option(help="Sizes of the dense layers, the output's last: 30,10.")] = None,
    activation: Annotated[str | None, typer.Option(help="Activation of the hidden layers.")] = None,
    cost: Annotated[str | None, typer.Option(help="Such as quadratic or cross-entropy.")] = None,
    optimizer: Annotated[str | None, typer.Option(help="Such as gradient-descent or adam.")] = None,
    learning_rate: Annotated[
        float | None, typer.Option("--learning-rate", "--eta", help="How far each step goes.")
    ] = None,
    batch_size: Annotated[int | None, typer.Option(help="Examples a step.")] = None,
    epochs: Annotated[int | None, typer.Option(help="How often all examples are gone through.")] = None,
    seed: Annotated[int | None, typer.Option(help="Makes all random numbers.")] = None,
    validation_fraction: Annotated[
        float | None, typer.Option(help="Keep this part of the training data apart, for callbacks to look at.")
    ] = None,
    dtype: Annotated[str | None, typer.Option(help="float32 or float64.")] = None,
    engine: Annotated[str | None, typer.Option(help="Such as numpy; auto takes the fastest that can do it.")] = None,
    data_dir: Annotated[str | None, typer.Option(help="The folder that holds the data, such as MNIST's.")] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="What else is measured, such as f1, or a table of TOML; several can be given."
        ),
    ] = None,
    callback: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A callback more, such as early-stopping, or a table of TOML; several can be given."
        ),
    ] = None,
    silence: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A warning or finding not to give, such as scale, or all; several can be given."
        ),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="The example's short form, where it has one.")] = False,
    save: Annotated[
        Path | None,
        typer.Option(parser=place, metavar="FILE", help="Write the trained model here, such as model.safetensors."),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            parser=place, metavar="PATH", help="Keep the state of training here, in a .safetensors file or a folder."
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            parser=place, metavar="PATH", help="Go on from a checkpoint, to the same bits as without the stop."
        ),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", parser=place, metavar="FILE", help="Write the results here, for programs.")
    ] = None,
    report: Report = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Train an example, an experiment (.toml), or run a Python file.

    Options change what an experiment says. A Python file takes the arguments after its name; after `--`, those that
    look like options of layerkit too.
    """
    # what it prints tells of its work, whose results go to files
    do_without_output()
    try:
        from layerkit.cli.experiment_run import Request, fulfil
        from layerkit.cli.persistence import Persistence

        code = fulfil(
            Request(
                name=name,
                arguments=tuple(context.args),
                options={
                    "layers": layers,
                    "activation": activation,
                    "cost": cost,
                    "optimizer": optimizer,
                    "learning_rate": learning_rate,
                    "batch_size": batch_size,
                    "epochs": epochs,
                    "seed": seed,
                    "dtype": dtype,
                    "validation_fraction": validation_fraction,
                    "engine": engine,
                    "data_dir": data_dir,
                    "metric": tuple(metric) if metric else None,
                    "callback": tuple(callback) if callback else None,
                },
                persistence=Persistence(save=save, checkpoint=checkpoint, resume=resume),
                silence=tuple(silence or ()),
                quick=quick,
                json_file=json_file,
                report=report,
                quiet=quiet,
            )
        )
    except KeyboardInterrupt:
        typer.echo("Interrupted.", err=True)
        code = 130
    raise typer.Exit(code)
