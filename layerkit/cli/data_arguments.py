"""Data named on the command line: a data set, files of a known kind, or standard input."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
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
from layerkit.data.images import ENDINGS, Colour
from layerkit.datasets.csv_file import CsvFile, table_examples
from layerkit.datasets.idx_files import IdxFiles, idx_pair
from layerkit.datasets.image_folder import folder_examples
from layerkit.datasets.npz_file import npz_examples
from layerkit.errors import ArgumentError, DataError, DatasetError
from layerkit.interfaces.dataset import RandomAccess, Stream
from layerkit.registry.host import default_host
from layerkit.shapes import is_many
from layerkit.types import Shape

if TYPE_CHECKING:
    from layerkit.models.model import Model

STANDARD_INPUT = "-"
_PART = "test"
_TABBED = (".tsv", ".tsv.gz")
_ENDINGS = {
    "table": (".csv", ".csv.gz", *_TABBED),
    "archive": (".npz",),
    "images": ENDINGS,
    "idx": (".idx", ".idx1", ".idx3", "-ubyte", ".ubyte", ".gz"),
}
_OF_IDX = ("first_label", "label_column", "transposed")
_KINDS = {"table": "tables", "idx": "IDX files"}
_KINDS_ONE = {
    "table": "a table",
    "idx": "an IDX file",
    "archive": "an .npz file",
    "images": "images",
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
        if kind is None:
            return named_data(data, split=split, data_dir=data_dir)
        require_one(data)
        if kind == "images":
            return _shown_images(place, model, split)
        if kind == "table":
            examples = _table_examples(place, model, form)
        else:
            read = npz_examples(place, split or _PART)
            if read.whole:
                require_parts("table", place, split, None)
            examples = read.examples
        if examples.words and examples.classes is not None and model.schema.classes is None:
            _check_classes(place, examples.classes, model)
    return shaped(examples, model.input_shape)


def _shown_images(place: str, model: Model, split: str | None) -> Examples:
    """Images in folders, one a class, in the model's size and colour."""
    if not os.path.isdir(place):
        raise ArgumentError(
            f"{place} is an image without a class: give a folder that holds one of images for each class"
        )
    colour, size = image_form(model.input_shape)
    return shaped(folder_examples(Path(place), split, colour=colour, size=size, fit="crop"), model.input_shape)


def image_form(shape: Shape) -> tuple[Colour, tuple[int, int] | None]:
    """Of which colour and size the images are that a model takes.

    Raises:
        ArgumentError: it takes no images.
    """
    sides, channels = shape[:2], shape[2:]
    if is_many(shape) or len(sides) < 2 or channels not in ((), (1,), (3,)):
        raise ArgumentError(
            f"the model takes inputs of shape {shape}, and images have (height, width), (height, width, 1) or "
            "(height, width, 3): train it on images, with Flatten as its first layer where the rest takes vectors"
        )
    height, width = sides
    known = (height, width) if isinstance(height, int) and isinstance(width, int) else None
    return "rgb" if channels == (3,) else "grey", known


def require_parts(kind: str | None, place: str, split: str | None, data_dir: str | None) -> None:
    """Refuse what asks for a part of data that has none, and a folder for what is a file itself."""
    if kind in ("table", "idx") and split is not None:
        raise ArgumentError(f"--split {split}: {place} has no parts, and all of it is taken: leave --split out")
    if kind is not None and data_dir is not None:
        raise ArgumentError(f"--data-dir is for a data set by its name, and {place} is {_KINDS_ONE[kind]}")


def named_data(data: Sequence[str], *, split: str | None, data_dir: str | None) -> RandomAccess | Stream:
    """A part of a data set, which is named or written as a table of TOML."""
    require_one(data)
    dataset: Any
    if data_dir is not None:
        dataset = default_host().create("datasets", data[0], data_dir=data_dir)
    else:
        dataset = inline_component(data[0], "datasets", source="DATA", host=default_host())
    found: RandomAccess | Stream = dataset.load(split or _PART)
    return found


def kind_of(place: str) -> str | None:
    """Of which kind a file is, by its ending or else by its first bytes; None if it is the name of a data set."""
    if place == STANDARD_INPUT:
        return "table"
    if place.lstrip().startswith("{"):
        return None
    for kind, endings in _ENDINGS.items():
        if place.lower().endswith(endings):
            return kind
    if os.path.isdir(place) and not _is_data_set(place):
        return "images"
    if not os.path.isfile(place) and "." not in os.path.basename(place):
        return None
    with opened(place) as file:
        beginning = file.read(64)
    if beginning.startswith((b"PK", b"\0\0")):
        return "archive" if beginning.startswith(b"PK") else "idx"
    raise DatasetError(
        f"{place}: data are a data set, a .csv or .npz file, images, or two IDX files{seems_to_be(beginning)}"
    )


def _is_data_set(name: str) -> bool:
    return any(name in (entry.name, entry.qualified_name) for entry in default_host().components("datasets"))


def require_one(data: Sequence[str]) -> None:
    """Refuse more than one data set or file."""
    if len(data) > 1:
        raise ArgumentError(f"one data set or file is wanted (two for IDX: images, labels); got {' '.join(data)}")


def table_form(place: str, form: FileForm) -> CsvFormat:
    """How a table is written: as the options say, or its ending."""
    delimiter = form.delimiter or ("\t" if place.lower().endswith(_TABBED) else ",")
    return CsvFormat(header=form.header, delimiter=delimiter, decimal=form.decimal, encoding=form.encoding)


def target_of(
    place: str, model: Model, form: FileForm, names: tuple[str, ...] | None, width: int, *, labelled: bool
) -> int | None:
    """The place of the target's column in a table with these columns; None if there is none, or several."""
    if form.target is None and model_columns(names, width, model) is not None:
        # columns of numbers like the others
        return None
    return _target_place(place, names, width, model, form.target, labelled=labelled)


def _table(place: str, model: Model, form: FileForm) -> Table:
    """A table with the columns that the model takes, by name where both sides have names, and perhaps a target."""
    csv_format = table_form(place, form)
    target = partial(target_of, place, model, form, labelled=True)
    # words, or numbers, that name the model's classes are found among them
    text: Text = True if model.schema.classes is not None else None
    if place != STANDARD_INPUT:
        return read_csv(place, csv_format, target=target, text=text)
    if sys.stdin is None:
        raise DatasetError("-: there is no standard input to read a table from")
    return parse_csv(sys.stdin.buffer, "standard input", csv_format, target=target, text=text)


def model_columns(names: tuple[str, ...] | None, width: int, model: Model) -> list[int] | None:
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


def _table_examples(place: str, model: Model, form: FileForm) -> Examples:
    table = _table(place, model, form)
    names, values = table.names, table.values
    several = model_columns(names, values.shape[1], model) if form.target is None else None
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
