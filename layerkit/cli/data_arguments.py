"""Data named on the command line: a data set, files of a known kind, or standard input."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, final

import numpy as np

from layerkit.config.inline import inline_component
from layerkit.data.checks import checked_examples
from layerkit.data.csv import Table, parse_csv, read_csv
from layerkit.data.csv_columns import Text
from layerkit.data.csv_format import CsvFormat
from layerkit.data.data_file import opened
from layerkit.data.examples import Examples
from layerkit.data.file_kind import seems_to_be
from layerkit.data.idx import read_idx
from layerkit.datasets.csv_file import CsvFile, table_examples
from layerkit.datasets.idx_files import IdxFiles, idx_pair
from layerkit.datasets.npz_file import npz_examples
from layerkit.errors import ArgumentError, DataError, DatasetError
from layerkit.interfaces.dataset import RandomAccess, Stream
from layerkit.registry.host import default_host
from layerkit.shapes import is_many
from layerkit.types import Array, Shape

if TYPE_CHECKING:
    from layerkit.models.model import Model

STANDARD_INPUT = "-"
TEST = "test"
"""The part of a data set that is taken where none is named."""
_TABBED = (".tsv", ".tsv.gz")
_ENDINGS = {
    "table": (".csv", ".csv.gz", *_TABBED),
    "archive": (".npz",),
    "idx": (".idx", ".idx1", ".idx3", "-ubyte", ".ubyte", ".gz"),
}
_OF_IDX = ("first_label", "label_column", "transposed")
_KINDS = {"table": "tables", "idx": "IDX files"}
_KINDS_ONE = {
    "table": "a table",
    "idx": "an IDX file",
    "archive": "an .npz file",
    "images": "an image, or a folder of them",
    None: "a data set",
}


@final
@dataclass(frozen=True, kw_only=True)
class FileForm:
    """How a file is written, where neither it nor the model tells: the options of the command line.

    The first five are of tables, the others of IDX files, as ``CsvFile`` and ``IdxFiles`` have them.
    """

    target: str | None = None
    header: bool | None = None
    delimiter: str | None = None
    decimal: str = "."
    encoding: str = "utf-8"
    first_label: int = 0
    label_column: int | None = None
    transposed: bool = False

    def require_kind(self, kind: str | None, place: str) -> None:
        """Refuse options that say nothing of data of this kind.

        Raises:
            ArgumentError: one was given; the message names it.
        """
        for each in fields(self):
            wanted = "idx" if each.name in _OF_IDX else "table"
            if kind != wanted and getattr(self, each.name) != each.default:
                raise ArgumentError(
                    f"--{each.name.replace('_', '-')} tells how {_KINDS[wanted]} are written, and {place} is "
                    f"{_KINDS_ONE[kind]}"
                )


def file_form(**options: Any) -> FileForm:
    """What was typed, checked.

    Raises:
        ArgumentError: an option cannot be used.
    """
    if options["delimiter"] in ("tab", "\\t"):
        options["delimiter"] = "\t"
    given = {name: value for name, value in options.items() if value is not None}
    # the datasets of such files know what they take
    CsvFile("-", **{name: given[name] for name in ("delimiter", "decimal", "encoding") if name in given})
    IdxFiles("-", "-", **{name: given[name] for name in _OF_IDX if name in given})
    return FileForm(**options)


def labelled(
    data: Sequence[str], model: Model, form: FileForm, *, split: str | None, data_dir: str | None
) -> RandomAccess | Stream:
    """Examples with targets: a data set by name, one ``.npz`` or ``.csv`` file (``-``: a table from standard input), or
    IDX images and labels.

    Raises:
        ArgumentError: it is none of these.
        DatasetError: it cannot be read.
    """
    place = data[0]
    kind = kind_of(place)
    form.require_kind(kind, place)
    require_parts(kind, place, split, data_dir)
    if kind == "idx":
        if len(data) != 2:
            raise ArgumentError("IDX data are two files: the images, then the labels")
        options = {name: getattr(form, name) for name in _OF_IDX}
        if any(options.values()) or form.label_column is not None:
            examples = idx_pair(place, data[1], **options)
        else:
            # targets of any kind: without a word of labels, floats are numbers
            examples = checked_examples(data[1], read_idx(place), read_idx(data[1]))
    else:
        require_one(data)
        if kind is None:
            return _dataset(place, data_dir).load(split or TEST)
        if kind == "table":
            examples = _table_examples(place, model, form)
        else:
            read = npz_examples(place, split or TEST)
            if read.whole:
                require_parts("table", place, split, None)
            examples = read.examples
        if examples.words and examples.classes is not None and model.schema.classes is None:
            _check_classes(place, examples.classes, model)
    return shaped(examples, model.input_shape)


def require_parts(kind: str | None, place: str, split: str | None, data_dir: str | None) -> None:
    """Refuse what asks for a part of data that has none, and a folder for what is a file itself."""
    if kind in ("table", "idx", "images") and split is not None:
        raise ArgumentError(f"--split {split}: {place} has no parts, and all of it is taken: leave --split out")
    if kind is not None and data_dir is not None:
        raise ArgumentError(f"--data-dir is for a data set by its name, and {place} is {_KINDS_ONE[kind]}")


def _dataset(name: str, data_dir: str | None) -> Any:
    if data_dir is not None:
        return default_host().create("datasets", name, data_dir=data_dir)
    return inline_component(name, "datasets", source="DATA", host=default_host())


def kind_of(place: str) -> str | None:
    """Of which kind a file is, by its ending or else by its first bytes; None if it is the name of a data set."""
    if place == STANDARD_INPUT:
        return "table"
    if place.lstrip().startswith("{"):
        return None
    for kind, endings in _ENDINGS.items():
        if place.lower().endswith(endings):
            return kind
    if os.path.isdir(place) and (os.path.isabs(place) or place.startswith(".")):
        raise DatasetError(f"{place}: it is a folder: name a file in it, or a data set with --data-dir {place}")
    if not os.path.isfile(place) and "." not in os.path.basename(place):
        return None
    with opened(place) as file:
        beginning = file.read(64)
    if beginning.startswith((b"PK", b"\0\0")):
        return "archive" if beginning.startswith(b"PK") else "idx"
    raise DatasetError(f"{place}: data are a data set, a .csv or .npz file, or two IDX files{seems_to_be(beginning)}")


def require_one(data: Sequence[str]) -> None:
    """Refuse several places where one is all that can be read."""
    if len(data) > 1:
        raise ArgumentError(f"one data set or file is wanted (two for IDX: images, labels); got {' '.join(data)}")


def _table(place: str, model: Model, form: FileForm) -> Table:
    """A table with the columns that the model takes, by name where both sides have names, and a target."""
    csv_format, options = table_reading(place, model, form, labelled=True)
    if place != STANDARD_INPUT:
        return read_csv(place, csv_format, **options)
    if sys.stdin is None:
        raise DatasetError("-: there is no standard input to read a table from")
    return parse_csv(sys.stdin.buffer, "standard input", csv_format, **options)


def table_reading(place: str, model: Model, form: FileForm, *, labelled: bool) -> tuple[CsvFormat, dict[str, Any]]:
    """How a table for the model is written, and where its ``target`` is, for those who read it."""
    delimiter = form.delimiter or ("\t" if place.lower().endswith(_TABBED) else ",")
    csv_format = CsvFormat(header=form.header, delimiter=delimiter, decimal=form.decimal, encoding=form.encoding)

    def target(names: tuple[str, ...] | None, width: int) -> int | None:
        if form.target is None and _target_columns(names, width, model) is not None:
            # columns of numbers like the others
            return None
        return _target_place(place, names, width, model, form.target, labelled=labelled)

    # words, or numbers, that name the model's classes are found among them
    text: Text = "ignored" if not labelled else True if model.schema.classes is not None else None
    return csv_format, {"target": target, "text": text}


def _target_columns(names: tuple[str, ...] | None, width: int, model: Model) -> list[int] | None:
    """The places of a target of several columns; None where the model has no such target, or the table lacks it."""
    targets = model.schema.target
    if not isinstance(targets, tuple):
        return None
    if names is not None:
        named = all(names.count(name) == 1 and name not in (model.schema.columns or ()) for name in targets)
        return [names.index(name) for name in targets] if named else None
    features = _feature_count(model)
    return list(range(features, width)) if width == features + len(targets) else None


def _feature_count(model: Model) -> int:
    return math.prod(axis for axis in model.input_shape if isinstance(axis, int)) if model.input_shape else 1


def _target_place(
    place: str, names: tuple[str, ...] | None, width: int, model: Model, asked: str | None, *, labelled: bool
) -> int | None:
    schema = model.schema
    by_name = names is not None and schema.columns is not None
    features = _feature_count(model)
    found: int | None
    if width == 1 < features:
        # the reader says which other separator there may be
        return 0
    if asked is not None:
        found = _named_target(place, names, width, asked)
        if by_name and names is not None and names[found] in (schema.columns or ()):
            known = "" if schema.target is None else f"; the target that it was trained with is {schema.target!r}"
            raise DatasetError(f"{place}: --target {asked}: the model takes {names[found]!r} as an input{known}")
    elif by_name and names is not None and schema.target in names and schema.target not in (schema.columns or ()):
        found = names.index(str(schema.target))
    elif by_name and names is not None and not isinstance(schema.target, str):
        others = [position for position, name in enumerate(names) if name not in (schema.columns or ())]
        found = others[0] if len(others) == 1 else None
    elif by_name:
        found = None
    else:
        found = width - 1 if width == features + 1 else None
    if found is None and labelled and width > features:
        wanted = f" {schema.target!r}" if by_name and schema.target is not None else ""
        told = f"; its columns are {', '.join(names[:20])}" if names else ""
        raise DatasetError(
            f"{place}: it has {width} columns, the model takes {features}, and which one is the target{wanted} is not "
            f"told: say --target{told}"
        )
    if by_name and names is not None:
        try:
            schema.order(names, extra=() if found is None else (names[found],))
        except DataError as error:
            raise DatasetError(f"{place}: {error}") from error
    elif width - (found is not None) != features:
        raise DatasetError(
            f"{place}: it has {width} columns; the model takes {features}, and one more may hold the targets"
        )
    return found


def _named_target(place: str, names: tuple[str, ...] | None, width: int, asked: str) -> int:
    try:
        position = int(asked)
    except ValueError:
        position = width
    counted = position % width if -width <= position < width else None
    named = names.index(asked) if names is not None and names.count(asked) == 1 else None
    if named is not None and counted not in (None, named):
        raise DatasetError(
            f"{place}: --target {asked} may be the column called {asked!r}, at place {named}, or the one at place "
            f"{asked}, {(names or ())[position]!r}: say --target {named - width} for the first, or "
            f"--target {(counted or 0) - width} for the second, places from the end"
        )
    found = counted if named is None else named
    if found is not None:
        return found
    told = f"its columns are {', '.join(names[:20])}" if names else f"it has no header, and {width} columns"
    raise DatasetError(f"{place}: --target {asked}: {told}; give a name, or a position from 0")


def features_of(table: Table, model: Model, form: FileForm) -> Array:
    """The inputs in a table, in the model's order."""
    names, values = table.names, table.values
    several = _target_columns(names, values.shape[1], model) if form.target is None else None
    left_out = several or ([] if table.target is None else [table.target])
    values = np.delete(values, left_out, axis=1)
    names = None if names is None else tuple(name for place, name in enumerate(names) if place not in left_out)
    order = model.schema.order(names)
    return values if order is None else values[:, order]


def _table_examples(place: str, model: Model, form: FileForm) -> Examples:
    table = _table(place, model, form)
    names, values = table.names, table.values
    several = _target_columns(names, values.shape[1], model) if form.target is None else None
    if several is not None:
        return checked_examples(
            place,
            np.delete(values, several, axis=1),
            values[:, several],
            names=None if names is None else tuple(name for at, name in enumerate(names) if at not in several),
            target_name=model.schema.target,
        )
    if table.target is None:
        width = table.values.shape[1]
        raise DatasetError(f"{place}: it has no column beside the model's {width} inputs for the targets")
    return table_examples(place, table, classes=model.schema.classes)


def _check_classes(place: str, classes: tuple[str, ...], model: Model) -> None:
    """Refuse words that cannot be matched: a label is the place among all the names, so none may be absent."""
    outputs = model.output_shape[-1] if model.output_shape else 1
    if len(classes) != (2 if outputs == 1 else outputs):
        named = ", ".join(map(repr, classes[:10])) + (", …" if len(classes) > 10 else "")
        raise DatasetError(
            f"{place}: its target names {len(classes)} classes ({named}), and the model has {outputs} outputs, so it "
            "cannot be told which is which: give labels 0, 1, 2, …"
        )


def shaped(examples: Examples, shape: Shape) -> Examples:
    """Rows of as many values as the model takes, in its shape."""
    x = examples.x
    if isinstance(x, tuple) or is_many(shape) or None in shape:
        return examples
    if x.shape[1:] == shape or math.prod(x.shape[1:]) != math.prod(shape):
        return examples
    return examples.replace(x=x.reshape(len(x), *shape), names=None)
