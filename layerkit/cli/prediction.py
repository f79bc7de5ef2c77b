"""``layerkit predict``: what a model says of data, however much there is of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from layerkit.cli.places import place, require_apart
from layerkit.cli.saved_models import DataDir, Decimal, Delimiter, Encoding, File, Header, Split, Target, Transposed
from layerkit.cli.text import print_data
from layerkit.errors import ArgumentError, LayerkitError
from layerkit.replacing import Recognizer, begins_with

if TYPE_CHECKING:
    from layerkit.cli.prediction_rows import Predicted

Data = Annotated[
    list[str],
    typer.Argument(
        metavar="DATA…",
        help="A data set, a .npz or .csv file, - (a table from standard input), an IDX file, images or a folder/.",
    ),
]
_LONGEST = 2**20
_FORMS = {"csv": ".csv", "jsonl": ".jsonl"}


def predict_file(
    file: File,
    data: Data,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            parser=place,
            metavar="FILE",
            help="A .csv, .jsonl, .json or .npz file; else it is printed.",
        ),
    ] = None,
    form: Annotated[
        str | None, typer.Option("--format", help="How it is printed: csv, or jsonl for lines of JSON.")
    ] = None,
    classes: Annotated[bool, typer.Option("--classes", help="The classes, by name where it knows names.")] = False,
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="The classes, and the probability of each by its name.")
    ] = False,
    fit: Annotated[
        str, typer.Option(help="How images are brought to the model's size: crop, pad or stretch.")
    ] = "crop",
    split: Split = None,
    data_dir: DataDir = None,
    target: Target = None,
    header: Header = None,
    delimiter: Delimiter = None,
    decimal: Decimal = ".",
    encoding: Encoding = "utf-8",
    transposed: Transposed = False,
) -> None:
    """Let a model predict, a row of outputs for each row of data; data and predictions may be larger than memory."""
    from layerkit.arguments import check_choice
    from layerkit.cli.data_arguments import file_form
    from layerkit.cli.input_pieces import input_pieces
    from layerkit.cli.json_report import check_writable
    from layerkit.cli.prediction_rows import predicted, require_probabilities
    from layerkit.files.models import load

    check_choice("predict", "--fit", fit, ("crop", "pad", "stretch"))
    ending = _ending(output, form, probabilities)
    if output is not None:
        require_apart({"--output": output}, [("the model itself", file), *((f"data ({name})", name) for name in data)])
        check_writable("--output", output, replaces=_ARE_PREDICTIONS[ending], kind="predictions")
    model = load(file)
    if probabilities:
        require_probabilities(model)
    written = file_form(
        target=target,
        header=header,
        delimiter=delimiter,
        decimal=decimal,
        encoding=encoding,
        transposed=transposed,
    )
    pieces = input_pieces(data, model, written, split=split, data_dir=data_dir, fit=fit)  # type: ignore[arg-type]
    chunks = _writer(ending)(
        predicted(model, piece.x, piece.files, classes=classes, probabilities=probabilities) for piece in pieces
    )
    if output is None:
        for chunk in chunks:
            print_data(chunk)
        return
    from layerkit.atomic import not_written, write_atomically

    try:
        write_atomically(output, chunks)
    except OSError as error:
        raise LayerkitError(not_written(output, error)) from error


def _ending(output: Path | None, form: str | None, probabilities: bool) -> str:
    if form is not None and form not in _FORMS:
        raise ArgumentError(f"--format must be csv or jsonl, got {form!r}")
    if output is None:
        return _FORMS[form or "csv"]
    if output.suffix not in _ARE_PREDICTIONS:
        raise ArgumentError(f"--output must end in {', '.join(_ARE_PREDICTIONS)}; got {output}")
    if form is not None and _FORMS[form] != output.suffix:
        raise ArgumentError(f"--format {form} says how it is printed, and --output {output} is a {output.suffix} file")
    if probabilities and output.suffix not in _FORMS.values():
        raise ArgumentError(f"--probabilities go to a .csv or .jsonl file, which has names for them; got {output}")
    return output.suffix


def _writer(ending: str) -> Callable[[Iterator[Predicted]], Iterator[Any]]:
    from layerkit.cli import prediction_rows

    writers = {
        ".csv": prediction_rows.csv_chunks,
        ".jsonl": prediction_rows.json_line_chunks,
        ".json": prediction_rows.json_chunks,
        ".npz": prediction_rows.npz_chunks,
    }
    return writers[ending]


def _are_csv(file: BinaryIO) -> bool:
    import csv

    line = file.readline(_LONGEST).rstrip().decode(errors="replace")
    names = next(csv.reader([line]), [])
    if names[:1] == ["file"]:
        names = names[1:]
    if names[:1] == ["class"]:
        return all(name.startswith("probability_") for name in names[1:])
    return names == [str(place) for place in range(len(names))] and bool(names)


def _are_json_lines(file: BinaryIO) -> bool:
    return file.read(_LONGEST).startswith((b'{"file":', b'{"class":', b'{"classes":', b'{"prediction":'))


_ARE_PREDICTIONS: dict[str, Recognizer] = {
    ".csv": _are_csv,
    ".jsonl": _are_json_lines,
    ".json": begins_with(b'{"predictions":'),
    # the first member's name stands behind 30 bytes of its header
    ".npz": begins_with(b"predictions.npy", after=30),
}
"""How files that ``predict`` wrote are known: others are not replaced by one."""
