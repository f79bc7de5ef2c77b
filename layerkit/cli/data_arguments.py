"""Data named on the command line: a data set, files of a known kind, or standard input."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerkit.cli.file_form import KINDS_ONE, OF_IDX, FileForm
from layerkit.cli.table_columns import STANDARD_INPUT, TABBED, examples_of_table
from layerkit.config.inline import inline_component
from layerkit.data.checks import checked_examples
from layerkit.data.data_file import opened
from layerkit.data.examples import Examples
from layerkit.data.file_kind import seems_to_be
from layerkit.data.idx import read_idx
from layerkit.data.images import ENDINGS, Colour
from layerkit.datasets.idx_files import idx_pair
from layerkit.datasets.image_folder import folder_examples
from layerkit.datasets.npz_file import npz_examples
from layerkit.errors import ArgumentError, DatasetError
from layerkit.interfaces.dataset import RandomAccess, Stream
from layerkit.registry.host import default_host
from layerkit.shapes import is_many
from layerkit.types import Shape

if TYPE_CHECKING:
    from layerkit.models.model import Model

_PART = "test"
_ENDINGS = {
    "table": (".csv", ".csv.gz", *TABBED),
    "archive": (".npz",),
    "images": ENDINGS,
    "idx": (".idx", ".idx1", ".idx3", "-ubyte", ".ubyte", ".gz"),
}


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
        options = {name: getattr(form, name) for name in OF_IDX}
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
            examples = examples_of_table(place, model, form)
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
        raise ArgumentError(f"--data-dir is for a data set by its name, and {place} is {KINDS_ONE[kind]}")


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
