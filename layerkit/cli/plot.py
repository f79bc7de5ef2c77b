"""``layerkit plot``: pictures of runs, models and what models make of data, as PNG or SVG."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from layerkit.cli.picture_commands import DIAGRAMS, Output, of_data, picture, written
from layerkit.cli.saved_models import File

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Draw runs, models, and what models make of data (needs layerkit[plot]).",
)

Records = Annotated[
    list[Path], typer.Argument(metavar="RUN…", help="What `layerkit run --json` wrote, or a log: .json, .jsonl, .csv.")
]
Shape = Annotated[str | None, typer.Option(metavar="H,W", help="Height and width of an image, where nothing tells.")]
Columns = Annotated[int | None, typer.Option(min=1, help="How many images side by side.")]


@app.command("curves")
@picture("runs")
def curves(
    runs: Records,
    metric: Annotated[str | None, typer.Option(help="What is drawn, such as accuracy; else the cost.")] = None,
) -> Any:
    """Measures over the epochs; runs that differ in their seeds alone are one line, with their spread."""
    from layerkit.cli.run_records import read_runs
    from layerkit.plots import learning_curves

    return learning_curves(read_runs(runs), metric=metric)


@app.command("confusion")
@of_data
def confusion(
    source: Any,
    normalize: Annotated[
        Literal["true", "predicted", "all"] | None,
        typer.Option(help="Shares, not counts: of each true class, …"),
    ] = None,
) -> Any:
    """How often each class is taken for each."""
    from layerkit.plots import confusion_matrix

    return confusion_matrix(source.confusion(), normalize=normalize)


@app.command("roc")
@of_data
def roc(source: Any) -> Any:
    """How many positives are found, over how many negatives are taken for one."""
    from layerkit.plots import roc_curve

    rows = source.rows()
    return roc_curve(rows.targets, rows.predictions, weights=rows.weights, classes=source.classes)


@app.command("precision-recall")
@of_data
def precision_recall(source: Any) -> Any:
    """How many of those taken for positive are, over how many are found."""
    from layerkit.plots import precision_recall_curve

    rows = source.rows()
    return precision_recall_curve(rows.targets, rows.predictions, weights=rows.weights, classes=source.classes)


@app.command("calibration")
@of_data
def calibration(source: Any, bins: Annotated[int, typer.Option(min=1, max=1000, help="Of equal width.")] = 10) -> Any:
    """How often what is claimed is true, over the probability that it is claimed with."""
    from layerkit.plots import calibration_curve

    rows = source.rows()
    return calibration_curve(rows.targets, rows.predictions, bins=bins, weights=rows.weights)


@app.command("weights")
@picture("file")
def weights(
    file: File,
    layer: Annotated[str | None, typer.Option(help="The path of a layer; else the first with weights.")] = None,
    count: Annotated[int, typer.Option(min=1, max=1024, help="How many images at most.")] = 64,
    columns: Columns = None,
    shape: Shape = None,
) -> Any:
    """What the units or filters of a layer look for, as images."""
    from layerkit.cli.picture_commands import sides
    from layerkit.files.models import load
    from layerkit.plots import weights as draw

    wanted = sides(shape)
    return draw(load(file), layer=layer, count=count, columns=columns, shape=wanted)


@app.command("most-wrong")
@of_data
def most_wrong(
    source: Any,
    count: Annotated[int, typer.Option(min=1, max=400, help="How many images at most.")] = 16,
    columns: Columns = None,
    shape: Shape = None,
) -> Any:
    """The images that a model classifies wrongly, most certain first."""
    from layerkit.cli.picture_commands import sides
    from layerkit.plots import most_wrong as draw

    wanted = sides(shape)
    return draw(source.model, source.examples(), count=count, columns=columns, shape=wanted)


@app.command("regions")
@of_data
def regions(
    source: Any, resolution: Annotated[int, typer.Option(min=2, max=2000, help="How many places a side.")] = 200
) -> Any:
    """Which class a model of two features sees where."""
    from layerkit.plots import decision_regions

    return decision_regions(source.model, source.examples(), resolution=resolution)


@app.command("distributions")
@picture("records")
def distributions(
    records: Annotated[Path, typer.Argument(metavar="FILE", help="What LayerStatistics wrote: .jsonl or .csv.")],
    of: Annotated[Literal["outputs", "gradients"], typer.Option(help="What is drawn of them.")] = "outputs",
    layer: Annotated[list[str] | None, typer.Option(help="The path of a layer, perhaps several; else all.")] = None,
) -> Any:
    """How the outputs or gradients of layers are spread, while they train."""
    from layerkit.cli.run_records import read_records
    from layerkit.plots import distributions as draw

    return draw(read_records(records), of=of, layers=layer or None)


@app.command("schedule")
@picture()
def schedule(
    schedule: Annotated[str, typer.Argument(help="A table of TOML: '{component = \"cosine\", …}'.")],
    steps: Annotated[int, typer.Option(help="How many steps the training has.")],
    epochs: Annotated[int | None, typer.Option(help="In how many epochs.")] = None,
) -> Any:
    """The learning rate of every step."""
    from layerkit.config.inline import inline_component
    from layerkit.plots import schedule as draw
    from layerkit.registry.host import default_host

    made = inline_component(schedule, "schedules", source="SCHEDULE", host=default_host())
    return draw(made, steps=steps, epochs=epochs, name=schedule)


@app.command("diagram")
def diagram(file: File, output: Output = None) -> None:
    """A network's layers, shapes and parameters: .svg, .mmd (Mermaid) or .txt; printed where no file is given."""
    from layerkit.cli.picture_commands import require_output
    from layerkit.files.models import load
    from layerkit.plots import diagram as draw

    if output is None:
        print(draw(load(file)), end="")
        return
    ending = require_output(output, DIAGRAMS, [("the model itself", file)])
    written(output, draw(load(file), DIAGRAMS[ending].form).encode())  # type: ignore[arg-type]
