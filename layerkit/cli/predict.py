"""``layerkit predict``: what a saved model says of data, of which there may be more than fits into memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from layerkit.cli.places import place, require_apart
from layerkit.cli.saved_models import (
    Data,
    DataDir,
    Decimal,
    Delimiter,
    Encoding,
    File,
    Header,
    Split,
    Target,
    Transposed,
)
from layerkit.errors import ArgumentError, LayerkitError
from layerkit.replacing import begins_with

if TYPE_CHECKING:
    from layerkit.interfaces.cost import Cost
    from layerkit.models.model import Model
    from layerkit.types import Array

_ENDINGS = (".csv", ".jsonl", ".json", ".npz")


Form: TypeAlias = Literal["csv", "jsonl"]


def predict_file(
    file: File,
    data: Data,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", parser=place, metavar="FILE", help="A .csv, .jsonl, .json or .npz file; else printed."
        ),
    ] = None,
    form: Annotated[
        Form | None, typer.Option("--format", help="What is printed: CSV, or a line of JSON for each row; else CSV.")
    ] = None,
    classes: Annotated[
        bool, typer.Option("--classes", help="The classes alone, by name where names are known.")
    ] = False,
    fit: Annotated[
        Literal["crop", "pad", "stretch"] | None,
        typer.Option(help="How images are brought to the model's size; else crop."),
    ] = None,
    split: Split = None,
    data_dir: DataDir = None,
    target: Target = None,
    header: Header = None,
    delimiter: Delimiter = None,
    decimal: Decimal = ".",
    encoding: Encoding = "utf-8",
    transposed: Transposed = False,
) -> None:
    """Let a model predict, a row of outputs for each row of data."""
    from layerkit.cli.file_form import file_form
    from layerkit.cli.input_pieces import input_pieces
    from layerkit.files.models import load_with_cost

    if output is not None:
        _check(output, form, file, data)
    model, cost = load_with_cost(file)
    options = file_form(
        target=target,
        header=header,
        delimiter=delimiter,
        decimal=decimal,
        encoding=encoding,
        transposed=transposed,
    )
    pieces = input_pieces(data, model, options, split=split, data_dir=data_dir, fit=fit)
    predicted = ((model.predict(piece.x), piece.files) for piece in pieces)
    ending = f".{form or 'csv'}" if output is None else output.suffix
    written = _written(model, cost, predicted, ending, classes_only=classes)
    if output is None:
        from layerkit.cli.text import print_data

        for text in written:
            print_data(text)
        return
    from layerkit.atomic import not_written, write_atomically

    try:
        write_atomically(output, written)
    except OSError as error:
        raise LayerkitError(not_written(output, error)) from error


def _check(output: Path, form: Form | None, file: Path, data: list[str]) -> None:
    """Refuse, before anything is read, an output that cannot be written, or holds something else."""
    from layerkit.cli.json_report import check_writable
    from layerkit.cli.prediction_rows import are_csv, are_json_lines

    recognizers = {
        ".csv": are_csv,
        ".jsonl": are_json_lines,
        ".json": begins_with(b'{"predictions":'),
        # the first member's name stands behind 30 bytes of its header
        ".npz": begins_with(b"predictions.npy", after=30),
    }
    if output.suffix not in _ENDINGS:
        raise ArgumentError(f"--output must end in {', '.join(_ENDINGS)}; got {output}")
    if form is not None:
        raise ArgumentError(f"--format {form} is for what is printed; --output {output} tells by its ending")
    require_apart({"--output": output}, [("the model itself", file), *((f"data ({name})", name) for name in data)])
    check_writable("--output", output, replaces=recognizers[output.suffix], kind="predictions")


def _written(
    model: Model,
    cost: Cost | None,
    predicted: Iterator[tuple[Array, tuple[str, ...] | None]],
    ending: str,
    *,
    classes_only: bool,
) -> Iterator[bytes]:
    """The text or bytes, piece by piece where the kind of file allows that."""
    import numpy as np

    from layerkit.cli.prediction_rows import CsvRows, JsonRows, Teller, as_json, as_npz

    if ending in (".json", ".npz"):
        whole = np.concatenate([model.classes_of(each) if classes_only else each for each, _ in predicted])
        return iter([as_json(whole) if ending == ".json" else as_npz(whole)])
    rows = CsvRows if ending == ".csv" else JsonRows
    return rows(Teller(model, cost, classes_only=classes_only)).written(predicted)
