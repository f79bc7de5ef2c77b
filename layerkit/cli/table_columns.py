"""Tables named on the command line: which columns a model takes, and which hold the targets."""

from __future__ import annotations

import math
import sys
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from layerkit.cli.file_form import FileForm
from layerkit.data.checks import checked_examples
from layerkit.data.csv import Table, parse_csv, read_csv
from layerkit.data.csv_columns import Text
from layerkit.data.csv_format import CsvFormat
from layerkit.data.examples import Examples
from layerkit.datasets.csv_file import table_examples
from layerkit.errors import DataError, DatasetError

if TYPE_CHECKING:
    from layerkit.models.model import Model

STANDARD_INPUT = "-"
TABBED = (".tsv", ".tsv.gz")


def table_form(place: str, form: FileForm) -> CsvFormat:
    """How a table is written: as the options say, or its ending."""
    delimiter = form.delimiter or ("\t" if place.lower().endswith(TABBED) else ",")
    return CsvFormat(header=form.header, delimiter=delimiter, decimal=form.decimal, encoding=form.encoding)


def target_of(
    place: str, model: Model, form: FileForm, names: tuple[str, ...] | None, width: int, *, labelled: bool
) -> int | None:
    """The place of the target's column in a table with these columns; None if there is none, or several."""
    if form.target is None and model_columns(names, width, model) is not None:
        # columns of numbers like the others
        return None
    return _target_place(place, names, width, model, form.target, labelled=labelled)


def examples_of_table(place: str, model: Model, form: FileForm) -> Examples:
    """The rows of a table with targets.

    Raises:
        DatasetError: it cannot be read, or has no column for them.
    """
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
