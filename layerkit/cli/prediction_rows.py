"""Predictions as rows of text, or as arrays, piece by piece."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import numpy as np

from layerkit.errors import ArgumentError
from layerkit.types import Array

if TYPE_CHECKING:
    from layerkit.models.model import Model

PROBABILITY = "probability_"


@final
@dataclass(frozen=True, slots=True)
class Predicted:
    """What a model says of some rows: its ``outputs``, the ``classes``, or both; and the file of each image."""

    outputs: Array | None
    classes: Array | None
    names: tuple[str, ...] = ()
    files: list[str] | None = None


def predicted(model: Model, x: Any, files: list[str] | None, *, classes: bool, probabilities: bool) -> Predicted:
    """Ask a model for what is wanted; its outputs, unless it is ``classes`` or ``probabilities``."""
    outputs = model.predict(x) if probabilities or not classes else None
    told = model.classify(x) if probabilities or classes else None
    if not probabilities or outputs is None:
        return Predicted(outputs, told, files=files)
    if outputs.shape[1] == 1:
        outputs = np.hstack([1 - outputs, outputs])
    return Predicted(outputs, told, _class_names(model, outputs.shape[1]), files)


def require_probabilities(model: Model) -> None:
    """Refuse to call numbers probabilities that are none, or that are not one for each class of an example.

    Raises:
        ArgumentError: they are not.
    """
    from layerkit.models.output_range import prediction_range

    lowest, highest = prediction_range(model.structure.node, model.readout)
    if len(model.output_shape) != 1 or lowest < 0 or highest > 1:
        raise ArgumentError(
            f"--probabilities: the model gives outputs of shape {model.output_shape} from {lowest:g} to {highest:g}, "
            "and probabilities are one for each class of an example, from 0 to 1: leave it out"
        )


def csv_chunks(pieces: Iterator[Predicted]) -> Iterator[bytes]:
    """A table: a line of names, then a line an example."""
    for number, piece in enumerate(pieces):
        columns: list[tuple[str, list[str]]] = []
        if piece.files is not None:
            columns.append(("file", piece.files))
        if piece.classes is not None:
            columns += _columns(piece.classes)
        if piece.outputs is not None:
            names = [f"{PROBABILITY}{name}" for name in piece.names] or None
            columns += _columns(piece.outputs, names)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        if number == 0:
            writer.writerow([name for name, _ in columns])
        writer.writerows(zip(*(cells for _, cells in columns), strict=True))
        yield text.getvalue().encode(errors="backslashreplace")


def json_line_chunks(pieces: Iterator[Predicted]) -> Iterator[bytes]:
    """Lines of JSON, an object an example: ``file``, ``class`` (``classes`` of labels), ``probabilities`` by name, or
    ``prediction``."""
    for piece in pieces:
        some = piece.classes if piece.outputs is None else piece.outputs
        assert some is not None
        rows: list[dict[str, Any]] = [{} for _ in some]
        if piece.files is not None:
            for row, file in zip(rows, piece.files, strict=True):
                row["file"] = file
        if piece.classes is not None:
            for row, told in zip(rows, piece.classes, strict=True):
                row.update(_told(told))
        if piece.outputs is not None:
            for row, values in zip(rows, _numbers(piece.outputs), strict=True):
                row.update(
                    {"probabilities": dict(zip(piece.names, values, strict=True))}
                    if piece.names
                    else {"prediction": values}
                )
        yield "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode(errors="backslashreplace")


def json_chunks(pieces: Iterator[Predicted]) -> Iterator[bytes]:
    """One JSON document, ``{"predictions": […]}``."""
    before = '{"predictions": ['
    for piece in pieces:
        for value in _only(piece).tolist():
            yield (before + json.dumps(value)).encode()
            before = ", "
    yield b"]}"


def npz_chunks(pieces: Iterator[Predicted]) -> Iterator[bytes]:
    """An archive with one array, ``predictions``; it is gathered in memory."""
    buffer = io.BytesIO()
    np.savez(buffer, predictions=np.concatenate([_joined(_only(piece)) for piece in pieces]))
    yield buffer.getvalue()


def _only(piece: Predicted) -> Array:
    found = piece.outputs if piece.classes is None else piece.classes
    assert found is not None
    return found


def _columns(values: Array, names: Sequence[str] | None = None) -> list[tuple[str, list[str]]]:
    rows = _joined(values).reshape(len(values), -1)
    if rows.dtype.kind == "b":
        rows = rows.astype(int)
    if names is None:
        single = rows.dtype.kind in "iU" and rows.shape[1] == 1
        names = ["class"] if single else list(map(str, range(rows.shape[1])))
    # str gives the fewest digits that mean this very number
    return [(name, list(map(str, column))) for name, column in zip(names, rows.T, strict=True)]


def _joined(values: Array) -> Array:
    """Lists of names as one text each; all else as it is."""
    if values.dtype != object:
        return values
    return np.array([", ".join(names) for names in values.flat], np.str_).reshape(values.shape)


def _told(told: Any) -> dict[str, Any]:
    if isinstance(told, list):
        return {"classes": told}
    if isinstance(told, np.ndarray):
        # labels without names: the places of those that hold; of sequences, a class at each step
        return {"classes": np.flatnonzero(told).tolist() if told.dtype.kind == "b" else told.tolist()}
    return {"class": told.item()}


def _numbers(outputs: Array) -> list[Any]:
    """Lists of numbers with the fewest digits that mean those of the array, null where there is none."""
    if outputs.dtype == np.float64:
        found = outputs
    else:
        found = np.array([float(str(value)) for value in outputs.flat]).reshape(outputs.shape)
    return np.where(np.isfinite(found), found.astype(object), None).tolist()  # type: ignore[no-any-return]


def _class_names(model: Model, count: int) -> tuple[str, ...]:
    known = model.schema.classes or ()
    return known if len(known) == count else tuple(map(str, range(count)))
