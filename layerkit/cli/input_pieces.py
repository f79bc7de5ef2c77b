"""Inputs named on the command line, piece by piece: what is predicted from may be larger than memory."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np

from layerkit.cli.data_arguments import (
    STANDARD_INPUT,
    TEST,
    FileForm,
    features_of,
    kind_of,
    labelled,
    require_one,
    require_parts,
    shaped,
    table_reading,
)
from layerkit.data.archive import npz_pieces
from layerkit.data.csv import Table, csv_pieces, table_pieces
from layerkit.data.data_file import MAXIMUM_BYTES
from layerkit.data.examples import Examples
from layerkit.data.images import ENDINGS, Fit, read_images
from layerkit.datasets.idx_files import idx_images
from layerkit.errors import ArgumentError, DatasetError
from layerkit.shapes import is_many
from layerkit.steps.named_data import matched
from layerkit.types import Array

if TYPE_CHECKING:
    from layerkit.models.model import Model

ROWS = 1024
"""So many rows a piece, as many as ``Model.predict`` takes at once: pieces and the whole give the same bits."""

_IMAGES = 256
_RGB = 3


@final
@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of inputs, and, of images, the file of each."""

    x: Any
    files: list[str] | None = None


def input_pieces(
    data: Sequence[str], model: Model, form: FileForm, *, split: str | None, data_dir: str | None, fit: Fit = "crop"
) -> Iterator[Piece]:
    """The inputs in a data set, a ``.npz`` or ``.csv`` file, an IDX file, standard input (``-``: a table), image files
    or folders of them; targets may be there, and are left out. ``fit``: how images are brought to the model's size.

    Raises:
        ArgumentError: it is none of these.
        DatasetError: it cannot be read; of later pieces, when they are asked for.
    """
    place = data[0]
    if _is_images(place):
        form.require_kind("images", place)
        require_parts("images", place, split, data_dir)
        return _image_pieces(list(_image_files(data)), model, fit)
    kind = kind_of(place)
    form.require_kind(kind, place)
    require_parts(kind, place, split, data_dir)
    if kind is None:
        source = labelled(data, model, form, split=split, data_dir=data_dir)
        if not isinstance(source, Examples):
            raise ArgumentError(f"{place} is not a data set in memory: predict from Python, batch by batch")
        return iter([Piece(matched(source, model.schema).x)])
    if kind == "idx":
        return iter([_piece(idx_images(place, transposed=form.transposed), model)])
    require_one(data)
    if kind == "archive":
        return (_piece(x, model) for x in npz_pieces(place, ("x", f"x_{split or TEST}"), ROWS))
    tables = (features_of(table, model, form) for table in _tables(place, model, form))
    return (_piece(x, model) for x in _in_rows(tables))


def _tables(place: str, model: Model, form: FileForm) -> Iterator[Table]:
    csv_format, options = table_reading(place, model, form, labelled=False)
    if place != STANDARD_INPUT:
        return csv_pieces(place, csv_format, **options)
    if sys.stdin is None:
        raise DatasetError("-: there is no standard input to read a table from")
    return table_pieces(sys.stdin.buffer, "standard input", csv_format, **options)


def _in_rows(tables: Iterator[Array]) -> Iterator[Array]:
    """The same rows, ``ROWS`` at a time."""
    held: list[Array] = []
    count = 0
    for table in tables:
        held.append(table)
        count += len(table)
        if count >= ROWS:
            whole = np.concatenate(held)
            sound = count - count % ROWS
            for start in range(0, sound, ROWS):
                yield whole[start : start + ROWS]
            held, count = [whole[sound:]], count - sound
    if count:
        yield np.concatenate(held)


def _piece(x: Any, model: Model) -> Piece:
    return Piece(shaped(Examples(x), model.input_shape).x)


def _is_images(place: str) -> bool:
    return place.lower().endswith(ENDINGS) or (place != STANDARD_INPUT and os.path.isdir(place) and "/" in place)


def _image_files(data: Sequence[str]) -> Iterator[Path]:
    for place in data:
        if not os.path.isdir(place):
            yield Path(place)
            continue
        found = sorted(each for each in Path(place).iterdir() if each.name.lower().endswith(ENDINGS))
        if not found:
            raise DatasetError(f"{place}: the folder holds no image, such as 1.png: name the files, or their folder")
        yield from found


def _image_pieces(files: list[Path], model: Model, fit: Fit) -> Iterator[Piece]:
    colour, size, alone = _image_form(model)
    for start in range(0, len(files), 1 if alone else _IMAGES):
        chosen = files[start : start + (1 if alone else _IMAGES)]
        x = read_images(chosen, colour="rgb" if colour else "grey", size=size, fit=fit, maximum_bytes=MAXIMUM_BYTES)
        if len(model.input_shape) == _RGB and not colour:
            x = x[..., np.newaxis]
        yield Piece(_piece(x, model).x, [str(file) for file in chosen])


def _image_form(model: Model) -> tuple[bool, tuple[int, int] | None, bool]:
    """Whether the model's images are in colour, their height and width, and whether each may have its own."""
    shape = model.input_shape
    channels = shape[2] if len(shape) == _RGB else 1
    if is_many(shape) or len(shape) not in (1, 2, 3) or channels not in (1, _RGB):
        raise ArgumentError(
            "images are (height, width), perhaps with 1 or 3 channels, or as many pixels in a row, and the model takes "
            f"inputs of shape {shape}"
        )
    if len(shape) == 1:
        return False, None, True
    height, width = shape[:2]
    known = isinstance(height, int) and isinstance(width, int)
    return channels == _RGB, (height, width) if known else None, not known  # type: ignore[return-value]
