"""Inputs named on the command line, some rows at a time, so that there may be more of them than fit into memory."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np

from layerkit.cli.data_arguments import image_form, kind_of, named_data, require_one, require_parts, shaped
from layerkit.cli.file_form import FileForm
from layerkit.cli.table_columns import STANDARD_INPUT, model_columns, table_form, target_of
from layerkit.data.archive import npz_pieces
from layerkit.data.csv import Table, csv_pieces, parsed_pieces
from layerkit.data.examples import Examples
from layerkit.data.images import Fit, image_files, read_images
from layerkit.datasets.idx_files import idx_images
from layerkit.errors import ArgumentError, DatasetError
from layerkit.interfaces.dataset import RandomAccess, Stream
from layerkit.interfaces.scratch import Scratch
from layerkit.shapes import is_many
from layerkit.steps.named_data import matched
from layerkit.types import Array, Value

if TYPE_CHECKING:
    from layerkit.models.model import Model

_MOST_ROWS = 4096
_MOST_VALUES = 2**22


@final
@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of inputs, and, of images, the files that they are."""

    x: Value
    files: tuple[str, ...] | None = None


def input_pieces(
    data: Sequence[str], model: Model, form: FileForm, *, split: str | None, data_dir: str | None, fit: Fit | None
) -> Iterator[Piece]:
    """Inputs from a data set, files, or standard input; targets may be there, and are left out.

    How many rows a piece has follows from the model alone, so predictions do not depend on where the rows stand.

    Raises:
        ArgumentError: it is none of these, or an option says nothing of it.
        DatasetError: it cannot be read; of later pieces, when they are asked for.
    """
    place = data[0]
    kind = kind_of(place)
    form.require_kind(kind, place)
    require_parts(kind, place, split, data_dir)
    if fit is not None and kind != "images":
        raise ArgumentError(f"--fit {fit} tells how images are brought to the model's size, and {place} is none")
    rows = max(1, min(_MOST_ROWS, _MOST_VALUES // max(1, _values(model.input_shape))))
    if kind == "images":
        return _images(data, model, fit or "crop", rows)
    if kind is None:
        source = named_data(data, split=split, data_dir=data_dir)
        return _of_source(source, model, rows)
    if kind == "idx":
        whole = idx_images(place, transposed=form.transposed)
        arrays: Iterator[Array] = iter([whole])
    else:
        require_one(data)
        pieces = partial(npz_pieces, place, ("x", f"x_{split or 'test'}"))
        arrays = pieces(rows=rows) if kind == "archive" else _of_table(place, model, form)
    return (Piece(shaped(Examples(x), model.input_shape).x) for x in _in_pieces(arrays, rows))


def _values(shape: Any) -> int:
    if is_many(shape):
        return sum(map(_values, shape))
    return math.prod(axis for axis in shape if isinstance(axis, int))


def _in_pieces(arrays: Iterable[Array], rows: int) -> Iterator[Array]:
    """The same rows, so many at a time."""
    held: list[Array] = []
    count = 0
    for array in arrays:
        start = 0
        while start < len(array):
            part = array[start : start + rows - count]
            held.append(part)
            count += len(part)
            start += len(part)
            if count == rows:
                yield held[0] if len(held) == 1 else np.concatenate(held)
                held, count = [], 0
    if count:
        yield held[0] if len(held) == 1 else np.concatenate(held)


def _of_table(place: str, model: Model, form: FileForm) -> Iterator[Array]:
    """The features in a table, in the model's order."""
    csv_format = table_form(place, form)
    target = partial(target_of, place, model, form, labelled=False)
    if place != STANDARD_INPUT:
        tables = csv_pieces(place, csv_format, target=target)
    elif sys.stdin is None:
        raise DatasetError("-: there is no standard input to read a table from")
    else:
        tables = parsed_pieces(sys.stdin.buffer, "standard input", csv_format, target=target)
    return (_features(table, model, form) for table in tables)


def _features(table: Table, model: Model, form: FileForm) -> Array:
    names, values = table.names, table.values
    several = model_columns(names, values.shape[1], model) if form.target is None else None
    left_out = several or ([] if table.target is None else [table.target])
    values = np.delete(values, left_out, axis=1)
    names = None if names is None else tuple(name for place, name in enumerate(names) if place not in left_out)
    order = model.schema.order(names)
    return values if order is None else values[:, order]


def _of_source(source: RandomAccess | Stream, model: Model, rows: int) -> Iterator[Piece]:
    if isinstance(source, Examples):
        x = shaped(matched(source, model.schema), model.input_shape).x
        parts = x if isinstance(x, tuple) else (x,)
        for start in range(0, len(source), rows):
            some = tuple(part[start : start + rows] for part in parts)
            yield Piece(some if isinstance(x, tuple) else some[0])
    elif isinstance(source, Stream):
        for batch in source.open(0, 0):
            yield Piece(batch.x)
    else:
        scratch = Scratch(model.dtype)
        for start in range(0, len(source), rows):
            yield Piece(source.batch(np.arange(start, min(start + rows, len(source))), scratch).x)


def _images(data: Sequence[str], model: Model, fit: Fit, rows: int) -> Iterator[Piece]:
    colour, size = image_form(model.input_shape)
    paths: list[Path] = []
    for place in data:
        if kind_of(place) != "images":
            raise ArgumentError(f"{place} is no image: with {data[0]}, all must be images or folders of them")
        found = image_files(Path(place)) if os.path.isdir(place) else [Path(place)]
        if not found:
            raise DatasetError(f"{place}: no image there: it must hold files such as 1.png or 1.jpg")
        paths += found
    for start in range(0, len(paths), rows):
        some = paths[start : start + rows]
        x = read_images(some, colour=colour, size=size, fit=fit)
        yield Piece(x.reshape(*x.shape, 1) if len(model.input_shape) > x.ndim - 1 else x, tuple(map(str, some)))
