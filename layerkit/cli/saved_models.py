"""``layerkit inspect`` and ``layerkit evaluate``: what a model's file holds, and how good the model is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerkit.cli.places import require_apart
from layerkit.cli.report_file import Report, check_report, command_line
from layerkit.cli.text import print_columns, print_json
from layerkit.errors import ArgumentError

if TYPE_CHECKING:
    from layerkit.files.inspection import Inspection
    from layerkit.models.model import Model

File = Annotated[Path, typer.Argument(metavar="FILE", help="A model or a checkpoint, such as model.safetensors.")]
Data = Annotated[
    list[str],
    typer.Argument(
        metavar="DATA…",
        help="A data set (digits, or a table as in TOML), a .npz or .csv file, images, IDX files, - (standard input).",
    ),
]
Split = Annotated[str | None, typer.Option(help="Which part of the data, where it has parts; else test.")]
DataDir = Annotated[str | None, typer.Option(help="The folder that holds the data set's files.")]
Target = Annotated[str | None, typer.Option(help="A table's column of targets: its name, or its place from 0.")]
Header = Annotated[
    bool | None, typer.Option("--header/--no-header", help="Whether a table's first line holds names; else it tells.")
]
Delimiter = Annotated[str | None, typer.Option(help="What separates a table's cells: ',' ';' '|' ' ' or 'tab'.")]
Decimal = Annotated[str, typer.Option(help="A table's decimal sign, '.' or ','.")]
Encoding = Annotated[str, typer.Option(help="How a table is encoded, such as utf-8 or cp1252.")]
FirstLabel = Annotated[int, typer.Option(help="The number of the first class in a file of IDX labels.")]
LabelColumn = Annotated[int | None, typer.Option(help="Which column of an IDX file holds the labels (0 for QMNIST).")]
Transposed = Annotated[bool, typer.Option("--transposed", help="IDX images are stored column by column, as EMNIST's.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def inspect_file(file: File, as_json: AsJson = False) -> None:
    """Show what a file holds and where it came from, and check it; nothing that it names is imported."""
    from layerkit.files.inspection import inspect

    found = inspect(file)
    if as_json:
        print_json(found.as_json())
    else:
        _print(found)


def evaluate_file(
    file: File,
    data: Data,
    cost: Annotated[str | None, typer.Option(help="Instead of the cost that the model was trained with.")] = None,
    metric: Annotated[list[str] | None, typer.Option(help="What else is measured, a name or a table of TOML.")] = None,
    split: Split = None,
    data_dir: DataDir = None,
    target: Target = None,
    header: Header = None,
    delimiter: Delimiter = None,
    decimal: Decimal = ".",
    encoding: Encoding = "utf-8",
    first_label: FirstLabel = 0,
    label_column: LabelColumn = None,
    transposed: Transposed = False,
    report: Report = None,
    as_json: AsJson = False,
) -> None:
    """Measure how well a model does on data with targets."""
    from layerkit.cli.data_arguments import labelled
    from layerkit.cli.file_form import file_form
    from layerkit.config.inline import inline_component
    from layerkit.files.models import load_with_cost
    from layerkit.registry.host import default_host
    from layerkit.steps.evaluation import evaluate
    from layerkit.steps.intake import take_in
    from layerkit.steps.target_scale import readout_for

    if report is not None:
        require_apart({"--report": report}, [("the model itself", file), *((f"data ({name})", name) for name in data)])
    check_report(report)
    host = default_host()
    model, trained = load_with_cost(file)
    chosen = trained if cost is None else host.create("costs", cost)
    if chosen is None:
        raise ArgumentError(
            f"{file} does not say which cost the model was trained with: give one, --cost quadratic say"
        )
    # a cost without a readout knows nothing of logits: it compares targets with what the model predicts
    trained_readout = model.readout
    of_predictions = readout_for(model, chosen) is None and trained_readout is not None
    if cost is not None and not of_predictions:
        model.readout = readout_for(model, chosen)
    form = file_form(
        target=target,
        header=header,
        delimiter=delimiter,
        decimal=decimal,
        encoding=encoding,
        first_label=first_label,
        label_column=label_column,
        transposed=transposed,
    )
    given = labelled(data, model, form, split=split, data_dir=data_dir)
    taken = take_in(given, model, chosen, split="test")
    if metric is None:
        metric = ["accuracy"] if taken.holds_labels and _tells_classes(model) else []
    metrics = [inline_component(each, "metrics", source="--metric", host=host) for each in metric]
    measured = evaluate(model, taken, cost=chosen, metrics=metrics, of_predictions=of_predictions)
    if report is not None:
        options = {
            "--cost": cost,
            "--metric": tuple(metric),
            "--split": split,
            "--data-dir": data_dir,
            "--target": target,
            "--header": header,
            "--no-header": header is False,
            "--delimiter": delimiter,
            "--decimal": None if decimal == "." else decimal,
            "--encoding": None if encoding == "utf-8" else encoding,
            "--first-label": first_label or None,
            "--label-column": label_column,
            "--transposed": transposed,
        }
        _write_report(report, file, data, given, model, chosen, measured, options)
    if as_json:
        print_json(measured)
    else:
        tables = {name: value for name, value in measured.items() if not isinstance(value, (int, float))}
        print_columns([(name, f"{value:.6g}") for name, value in measured.items() if name not in tables])
        for name, table in tables.items():
            print(f"\n{name}\n{table}")


def _write_report(
    path: Path, file: Path, data: Sequence[str], given: Any, model: Model, cost: Any, measured: Any, options: Any
) -> None:
    from layerkit.files.inspection import inspect
    from layerkit.reports import report_of_model

    found = inspect(file)
    components = found.content["components"].values()
    versions = {
        str(each["distribution"]): str(each.get("version", ""))
        for each in components
        if isinstance(each, dict) and each.get("distribution") is not None
    }
    report_of_model(
        model,
        given,
        measured,
        cost=cost,
        title=f"{file.name} on {' '.join(data)}",
        facts={"model": str(file), "data": " ".join(data), "written by": f"layerkit {found.content['layerkit']}"},
        command=command_line(["evaluate", str(file), *data], options),
        versions=versions,
        digest=found.digest,
    ).write(path)


def _tells_classes(model: Model) -> bool:
    from layerkit.models.output_range import prediction_range

    lowest, highest = prediction_range(model.structure.node, model.readout)
    return model.output_shape[-1:] != (1,) or 0 <= lowest <= highest <= 1


def _print(found: Inspection) -> None:
    from layerkit.files.inspection import description_lines

    content = found.content
    model = content["model"]
    rows = [
        ("kind", f"{content['kind']}, format {content['format']}, written by layerkit {content['layerkit']}"),
        ("digest", f"sha256:{found.digest} (everything in the file agrees with it)"),
        ("size", f"{found.bytes:,} bytes, {found.parameters:,} parameters in {model['dtype']}"),
        ("input", _shape(model["input_shape"])),
    ]
    for name in ("readout", "cost"):
        if model[name] is not None:
            rows.append((name, " ".join(line.strip() for line in description_lines(model[name]))))
    schema = model["schema"]
    for name in ("columns", "target", "classes"):
        if schema.get(name) is not None:
            several = isinstance(schema[name], list)
            rows.append((name, ", ".join(map(str, schema[name])) if several else str(schema[name])))
    if model["threshold"] != 0.5:
        several = isinstance(model["threshold"], list)
        rows.append(("threshold", ", ".join(map(str, model["threshold"])) if several else str(model["threshold"])))
    if model["frozen"]:
        rows.append(("frozen", ", ".join(str(path) or "everything" for path in model["frozen"])))
    position = content.get("position")
    if isinstance(position, dict):
        rows.append(("position", ", ".join(f"{name} {value}" for name, value in position.items())))
    _print_rows(rows)
    print("\nArchitecture")
    _print_rows([(line,) for line in description_lines(model["architecture"])], indent="  ")
    print("\nComponents")
    _print_rows([(name, _origin(source)) for name, source in content["components"].items()], indent="  ")
    if isinstance(content.get("environment"), dict):
        print("\nWritten on")
        _print_rows([(name, str(value)) for name, value in content["environment"].items()], indent="  ")
    print("\nArrays")
    arrays = [(tensor.name, _shape(list(tensor.shape)), tensor.dtype) for tensor in found.tensors]
    _print_rows(arrays, indent="  ")


def _print_rows(rows: Sequence[tuple[str, ...]], *, indent: str = "") -> None:
    """Print a table of what a file says: without the signs by which text could command a terminal."""
    if rows:
        print_columns([tuple(map(_printable, row)) for row in rows], indent=indent)


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _shape(shape: Any) -> str:
    if isinstance(shape, list):
        return f"({', '.join('any' if axis is None else _shape(axis) for axis in shape)})"
    return str(shape)


def _origin(source: Any) -> str:
    if not isinstance(source, dict):
        return ""
    return " ".join(str(part) for part in (source.get("distribution"), source.get("version")) if part)
