"""Data named on the command line: a data set, or files of a known kind."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerkit.config.inline import inline_component
from layerkit.data.archive import read_npz
from layerkit.data.checks import checked_examples
from layerkit.data.csv import read_csv
from layerkit.data.examples import Examples
from layerkit.data.idx import read_idx
from layerkit.errors import ArgumentError, DatasetError
from layerkit.interfaces.dataset import RandomAccess, Stream
from layerkit.registry.host import default_host
from layerkit.shapes import is_many
from layerkit.types import Array, Shape

if TYPE_CHECKING:
    from layerkit.models.model import Model

_IDX = (".idx", "-ubyte", ".ubyte", ".gz")


def labelled(data: Sequence[str], model: Model, *, split: str, data_dir: str | None) -> RandomAccess | Stream:
    """Examples with targets: a data set by name, one ``.npz`` or ``.csv`` file, or IDX images and labels.

    Raises:
        ArgumentError: it is none of these.
        DatasetError: it cannot be read.
    """
    if not _is_file(data[0]):
        _require_one(data)
        return _dataset(data[0], data_dir).load(split)
    place = data[0]
    if _is_idx(place):
        if len(data) != 2:
            raise ArgumentError("IDX data are two files: the images, then the labels")
        examples = checked_examples(data[1], read_idx(place), read_idx(data[1]))
    else:
        _require_one(data)
        x, y = _table(place, model) if _suffix(place) == ".csv" else _archive(place, split)
        if y is None:
            raise DatasetError(f"{place}: it has no column beside the model's {x.shape[1]} inputs for the targets")
        examples = checked_examples(place, x, y)
    return Examples(_shaped(examples.x, model.input_shape), examples.y)


def inputs(data: Sequence[str], model: Model, *, split: str, data_dir: str | None) -> Any:
    """Inputs alone, from the same places; targets may be there, and are left out.

    Raises:
        ArgumentError, DatasetError: as ``labelled``.
    """
    place = data[0]
    if not _is_file(place):
        source = labelled(data, model, split=split, data_dir=data_dir)
        if not isinstance(source, Examples):
            raise ArgumentError(f"{place} is not a data set in memory: predict from Python, batch by batch")
        return source.x
    if _is_idx(place):
        x = read_idx(place)
    else:
        _require_one(data)
        x = _table(place, model)[0] if _suffix(place) == ".csv" else _only_inputs(place, split)
    return _shaped(x, model.input_shape)


def _dataset(name: str, data_dir: str | None) -> Any:
    if data_dir is not None:
        return default_host().create("datasets", name, data_dir=data_dir)
    return inline_component(name, "datasets", source="DATA", host=default_host())


def _is_file(name: str) -> bool:
    return bool(_suffix(name)) or _is_idx(name) or Path(name).exists()


def _is_idx(name: str) -> bool:
    return name.endswith(_IDX)


def _suffix(name: str) -> str:
    suffix = Path(name).suffix.lower()
    return suffix if suffix in (".npz", ".csv") else ""


def _require_one(data: Sequence[str]) -> None:
    if len(data) > 1:
        raise ArgumentError(f"one data set or file is wanted (two for IDX: images, labels); got {' '.join(data)}")


def _archive(place: str, split: str) -> tuple[Array, Array | None]:
    choices = [(f"x_{split}", f"y_{split}"), ("x", "y")]
    x, y = read_npz(place, choices).values()
    return x, y


def _only_inputs(place: str, split: str) -> Array:
    [x] = read_npz(place, [("x",), (f"x_{split}",)]).values()
    return x


def _table(place: str, model: Model) -> tuple[Array, Array | None]:
    """The columns that the model takes, the first ones, and the one after them, if there is one."""
    values = read_csv(place).values
    shape = model.input_shape
    width = math.prod(axis for axis in shape if isinstance(axis, int)) if shape else 1
    if values.shape[1] not in (width, width + 1):
        raise DatasetError(
            f"{place}: it has {values.shape[1]} columns; the model takes {width}, and one more may hold the targets"
        )
    if values.shape[1] == width:
        return values, None
    target = values[:, -1]
    return values[:, :-1], target.astype(int) if (target == target.astype(int)).all() else target


def _shaped(x: Any, shape: Shape) -> Any:
    """Rows of as many values as the model takes, in its shape."""
    if isinstance(x, tuple) or is_many(shape) or None in shape:
        return x
    if x.shape[1:] == shape or math.prod(x.shape[1:]) != math.prod(shape):
        return x
    return x.reshape(len(x), *shape)
