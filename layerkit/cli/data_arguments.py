"""Data named on the command line: a data set, files of a known kind, or standard input."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from layerkit.config.inline import inline_component
from layerkit.data.archive import read_npz
from layerkit.data.checks import checked_examples
from layerkit.data.csv import Table, parse_csv, read_csv
from layerkit.data.csv_format import CsvFormat
from layerkit.data.data_file import opened
from layerkit.data.examples import Examples
from layerkit.data.file_kind import seems_to_be
from layerkit.data.idx import read_idx
from layerkit.datasets.csv_file import table_examples
from layerkit.datasets.npz_file import npz_examples
from layerkit.errors import ArgumentError, DatasetError
from layerkit.interfaces.dataset import RandomAccess, Stream
from layerkit.registry.host import default_host
from layerkit.shapes import is_many
from layerkit.types import Array, Shape

if TYPE_CHECKING:
    from layerkit.models.model import Model

_STANDARD_INPUT = "-"
_ENDINGS = {
    "table": (".csv", ".csv.gz", ".tsv", ".tsv.gz"),
    "archive": (".npz",),
    "idx": (".idx", ".idx1", ".idx3", "-ubyte", ".ubyte", ".gz"),
}


def labelled(data: Sequence[str], model: Model, *, split: str, data_dir: str | None) -> RandomAccess | Stream:
    """Examples with targets: a data set by name, one ``.npz`` or ``.csv`` file (``-``: a table from standard input), or
    IDX images and labels.

    Raises:
        ArgumentError: it is none of these.
        DatasetError: it cannot be read.
    """
    place = data[0]
    kind = _kind(place)
    if kind == "idx":
        if len(data) != 2:
            raise ArgumentError("IDX data are two files: the images, then the labels")
        examples = checked_examples(data[1], read_idx(place), read_idx(data[1]))
    else:
        _require_one(data)
        if kind is None:
            return _dataset(place, data_dir).load(split)
        if kind == "table":
            examples, sorted_words = _table_examples(place, model), True
        else:
            read = npz_examples(place, split)
            examples, sorted_words = read.examples, not read.named
        if examples.classes is not None and sorted_words:
            _check_classes(place, examples.classes, model)
    return _shaped(examples, model.input_shape)


def inputs(data: Sequence[str], model: Model, *, split: str, data_dir: str | None) -> Any:
    """Inputs alone, from the same places; targets may be there, and are left out.

    Raises:
        ArgumentError, DatasetError: as ``labelled``.
    """
    place = data[0]
    kind = _kind(place)
    if kind is None:
        source = labelled(data, model, split=split, data_dir=data_dir)
        if not isinstance(source, Examples):
            raise ArgumentError(f"{place} is not a data set in memory: predict from Python, batch by batch")
        return source.x
    if kind == "idx":
        x = read_idx(place)
    else:
        _require_one(data)
        x = _only_inputs(place, split) if kind == "archive" else _features(_table(place, model))
    return _shaped(Examples(x), model.input_shape).x


def _dataset(name: str, data_dir: str | None) -> Any:
    if data_dir is not None:
        return default_host().create("datasets", name, data_dir=data_dir)
    return inline_component(name, "datasets", source="DATA", host=default_host())


def _kind(place: str) -> str | None:
    """Of which kind a file is, by its ending or else by its first bytes; None if it is the name of a data set."""
    if place == _STANDARD_INPUT:
        return "table"
    for kind, endings in _ENDINGS.items():
        if place.lower().endswith(endings):
            return kind
    if not os.path.isfile(place) and "." not in os.path.basename(place):
        return None
    with opened(place) as file:
        beginning = file.read(64)
    if beginning.startswith((b"PK", b"\0\0")):
        return "archive" if beginning.startswith(b"PK") else "idx"
    raise DatasetError(f"{place}: data are a data set, a .csv or .npz file, or two IDX files{seems_to_be(beginning)}")


def _require_one(data: Sequence[str]) -> None:
    if len(data) > 1:
        raise ArgumentError(f"one data set or file is wanted (two for IDX: images, labels); got {' '.join(data)}")


def _only_inputs(place: str, split: str) -> Array:
    [x] = read_npz(place, [("x",), (f"x_{split}",)]).values()
    return x


def _table(place: str, model: Model) -> Table:
    """The columns that the model takes, the first ones, and the one after them, if there is one, as the target."""
    shape = model.input_shape
    width = math.prod(axis for axis in shape if isinstance(axis, int)) if shape else 1
    form = CsvFormat(delimiter="\t" if ".tsv" in place.lower() else ",")
    if place == _STANDARD_INPUT:
        if sys.stdin is None:
            raise DatasetError("-: there is no standard input to read a table from")
        table = parse_csv(sys.stdin.buffer, "standard input", form, target=width, optional=True, text=None)
    else:
        table = read_csv(place, form, target=width, optional=True, text=None)
    columns = table.values.shape[1]
    if columns not in (width, width + 1):
        raise DatasetError(
            f"{place}: it has {columns} columns; the model takes {width}, and one more may hold the targets"
        )
    return table


def _features(table: Table) -> Array:
    return table.values if table.target is None else table.values[:, : table.target]


def _table_examples(place: str, model: Model) -> Examples:
    table = _table(place, model)
    if table.target is None:
        width = table.values.shape[1]
        raise DatasetError(f"{place}: it has no column beside the model's {width} inputs for the targets")
    return table_examples(place, table)


def _check_classes(place: str, classes: tuple[str, ...], model: Model) -> None:
    """Refuse words that cannot be matched: a label is the place among all the names, so none may be absent."""
    outputs = model.output_shape[-1] if model.output_shape else 1
    if len(classes) != (2 if outputs == 1 else outputs):
        named = ", ".join(map(repr, classes[:10])) + (", …" if len(classes) > 10 else "")
        raise DatasetError(
            f"{place}: its target names {len(classes)} classes ({named}), and the model has {outputs} outputs, so it "
            "cannot be told which is which: give labels 0, 1, 2, …"
        )


def _shaped(examples: Examples, shape: Shape) -> Examples:
    """Rows of as many values as the model takes, in its shape."""
    x = examples.x
    if isinstance(x, tuple) or is_many(shape) or None in shape:
        return examples
    if x.shape[1:] == shape or math.prod(x.shape[1:]) != math.prod(shape):
        return examples
    return examples.replace(x=x.reshape(len(x), *shape), names=None)
