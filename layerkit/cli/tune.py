"""``layerkit tune``: hyperparameters of an example or an experiment are searched for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from layerkit.cli.places import place
from layerkit.terminal import do_without_output


def tune(
    name: Annotated[str, typer.Argument(metavar="NAME|FILE", help="An example, or a .toml file.")],
    trials: Annotated[int | None, typer.Option(help="How many choices are tried.")] = None,
    jobs: Annotated[int | None, typer.Option(help="How many processes train; one for each core if left out.")] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Train on the workers of this Dask scheduler: tcp://host:8786."),
    ] = None,
    time_limit: Annotated[
        str | None, typer.Option(metavar="TIME", help="When to end, the winner's training included: 900, 15m, 1h30m.")
    ] = None,
    metric: Annotated[str | None, typer.Option(metavar="NAME", help="What decides, such as f1.")] = None,
    sampler: Annotated[str | None, typer.Option(metavar="NAME", help="tpe, random, grid, cma-es or gp.")] = None,
    pruner: Annotated[
        str | None, typer.Option(metavar="NAME", help="Ends hopeless trials: none, median, halving or hyperband.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="How often a trial goes through all examples.")] = None,
    seed: Annotated[int | None, typer.Option(help="Makes all random numbers of the search.")] = None,
    engine: Annotated[
        str | None,
        typer.Option(help="Such as numpy; auto takes the fastest. Left out: auto where trials are long, else numpy."),
    ] = None,
    data_dir: Annotated[str | None, typer.Option(help="The folder that holds the data, such as MNIST's.")] = None,
    storage: Annotated[
        str | None, typer.Option(metavar="FILE|URL", help="Keep all trials here: a SQLite file, or a database.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the search in --storage.")] = False,
    join: Annotated[
        bool, typer.Option("--join", help="Share the search in --storage with other commands that join.")
    ] = False,
    save: Annotated[
        Path | None,
        typer.Option(parser=place, metavar="FILE", help="Write the winner here, for layerkit run: best.toml."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", parser=place, metavar="FILE", help="Write all trials here, for programs.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(parser=place, metavar="FILE", help="Write a page with pictures: report.html.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Search for hyperparameters; the winner is tried on the test data once, with several seeds.

    What is chosen stands in the table [search.space] of the experiment's file; without one, learning rate, batch size,
    number and widths of the hidden layers.
    """
    do_without_output()
    from layerkit.cli.tune_run import TuneRequest, tune_as_asked

    code = tune_as_asked(
        TuneRequest(
            name=name,
            trials=trials,
            jobs=jobs,
            scheduler=scheduler,
            time_limit=time_limit,
            metric=metric,
            sampler=sampler,
            pruner=pruner,
            epochs=epochs,
            seed=seed,
            engine=engine,
            data_dir=data_dir,
            storage=storage,
            resume=resume,
            join=join,
            save=save,
            json_file=json_file,
            report=report,
            quiet=quiet,
        )
    )
    raise typer.Exit(code)
