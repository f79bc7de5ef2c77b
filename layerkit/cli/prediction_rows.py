"""Predictions as text, some rows at a time: CSV, or a line of JSON for each row."""

from __future__ import annotations

import csv
import io
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, final

import numpy as np

from layerkit.models.classes import decision_of
from layerkit.models.output_range import prediction_range
from layerkit.types import Array

if TYPE_CHECKING:
    from layerkit.interfaces.cost import Cost
    from layerkit.models.model import Model

_LONGEST = 2**20
_TOLERANCE = 1e-3
_CLASS, _FILE, _PREDICTED = "class", "file", "predicted "


@final
class Teller:
    """What a model's predictions are called: classes and their probabilities, or the columns of the target.

    ``of_classes``: whether they tell a class, since the model knows the names of its classes, or was trained with a
    cost of classes.
    """

    def __init__(self, model: Model, cost: Cost | None, *, classes_only: bool) -> None:
        self.model = model
        self.classes_only = classes_only
        flat = len(model.output_shape) == 1
        names = model.schema.classes
        self.of_classes = flat and (names is not None or (cost is not None and cost.of_classes))
        count = int(model.output_shape[0]) if flat and model.output_shape[0] is not None else 0
        self.single = count == 1
        self.names: tuple[str, ...] | None = None
        lowest, highest = prediction_range(model.structure.node, model.readout)
        # a single output that is no probability tells no class
        self.of_classes = self.of_classes and not (self.single and (lowest < 0 or highest > 1))
        if self.of_classes:
            wanted = 2 if self.single else count
            self.names = names if names is not None and len(names) == wanted else tuple(map(str, range(wanted)))
        elif flat and len(model.schema.targets) == count:
            self.names = model.schema.targets

    def classes(self, predictions: Array) -> Array | None:
        """The class of each row, as ``Model.classify`` has it; None where the model tells none.

        Beside the predictions themselves a row of NaN has the class None.
        """
        if self.classes_only:
            return self.model.classes_of(predictions)
        if not self.of_classes:
            return None
        wrong = np.asarray(np.isnan(predictions).any(axis=-1))
        told = self.model.classes_of(np.where(wrong[:, np.newaxis], 0, predictions))
        if wrong.any():
            told = told.astype(object)
            told[wrong] = None
        return told

    def add_up(self, predictions: Array) -> bool:
        """Whether the outputs are probabilities: those of one class, of labels, or such as add up to 1."""
        model = self.model
        if self.single or decision_of(model.structure.node, model.readout, model.threshold).multi_label:
            return True
        sums = predictions.sum(axis=-1)
        return bool(np.isclose(sums[np.isfinite(sums)], 1, atol=_TOLERANCE).all())

    def header(self, width: int) -> list[str]:
        """The names of the columns of the predictions themselves."""
        if self.names is None:
            return [str(place) for place in range(width)]
        if self.of_classes:
            return list(self.names[1:] if self.single else self.names)
        return [_PREDICTED + name for name in self.names]


class Rows(ABC):
    """A way to write predictions."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller

    def written(self, pieces: Iterator[tuple[Array, Sequence[str] | None]]) -> Iterator[bytes]:
        """The text, piece by piece, of predictions and the files that they are of."""
        first = True
        for predictions, files in pieces:
            classes = self.teller.classes(predictions)
            yield self.piece(classes, None if self.teller.classes_only else predictions, files, first=first)
            first = False

    @abstractmethod
    def piece(
        self, classes: Array | None, predictions: Array | None, files: Sequence[str] | None, *, first: bool
    ) -> bytes:
        """Some rows; before the ``first`` ones what stands in front of all."""


@final
class CsvRows(Rows):
    """A header, then a line for each row: its file, its class, and its numbers, as far as there are such."""

    def piece(
        self, classes: Array | None, predictions: Array | None, files: Sequence[str] | None, *, first: bool
    ) -> bytes:
        header: list[str] = []
        columns: list[Array] = []
        if files is not None:
            header, columns = [_FILE], [np.array(files)[:, None]]
        if classes is not None:
            told = _flat(_joined(classes))
            header += [_CLASS] if told.shape[1] == 1 else [str(place) for place in range(told.shape[1])]
            columns.append(told.astype(int) if told.dtype.kind == "b" else told)
        if predictions is not None:
            numbers = _flat(predictions)
            header += self.teller.header(numbers.shape[1])
            columns.append(numbers)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        if first:
            writer.writerow(header)
        # str gives the fewest digits that mean this very number
        for parts in zip(*columns, strict=True):
            writer.writerow(["" if cell is None else str(cell) for part in parts for cell in part])
        return text.getvalue().encode()


@final
class JsonRows(Rows):
    """An object a line: ``file``, ``class`` and ``probabilities`` by class; or the ``prediction``, by name or alone."""

    _called = "probabilities"

    def piece(
        self, classes: Array | None, predictions: Array | None, files: Sequence[str] | None, *, first: bool
    ) -> bytes:
        count = len(predictions if predictions is not None else classes if classes is not None else ())
        if first and predictions is not None and self.teller.of_classes:
            self._called = "probabilities" if self.teller.add_up(predictions) else "scores"
        told = None if classes is None else classes.tolist()
        numbers = None if predictions is None else predictions.tolist()
        lines = []
        for row in range(count):
            record: dict[str, Any] = {}
            if files is not None:
                record[_FILE] = files[row]
            if told is not None:
                record[_CLASS] = told[row]
            if numbers is not None:
                record |= self._numbers(numbers[row])
            lines.append(json.dumps(record, ensure_ascii=False) + "\n")
        return "".join(lines).encode()

    def _numbers(self, row: Any) -> dict[str, Any]:
        names = self.teller.names
        if names is None:
            return {"prediction": row}
        if not self.teller.of_classes:
            return {"prediction": row[0] if self.teller.single else dict(zip(names, row, strict=True))}
        given = [1 - row[0], row[0]] if self.teller.single else row
        return {self._called: dict(zip(names, given, strict=True))}


def as_json(predictions: Array) -> bytes:
    """All of them in one document."""
    return json.dumps({"predictions": predictions.tolist()}).encode()


def as_npz(predictions: Array) -> bytes:
    """All of them as an array ``predictions``."""
    buffer = io.BytesIO()
    np.savez(buffer, predictions=_joined(predictions))
    return buffer.getvalue()


def _joined(classes: Array) -> Array:
    """Lists of names as one text each; all else as it is."""
    if classes.dtype != object:
        return classes
    lists = [", ".join(names) if isinstance(names, list) else names for names in classes.flat]
    return np.array(lists, None if None in lists else np.str_).reshape(classes.shape)


def _flat(values: Array) -> Array:
    return values.reshape(len(values), -1)


def are_csv(file: BinaryIO) -> bool:
    """Whether a file begins as those that ``CsvRows`` writes."""
    names = file.readline(_LONGEST).rstrip().decode(errors="replace").split(",")
    if names[0] == _FILE:
        del names[0]
    if names[:1] == [_CLASS]:
        return True
    return bool(names) and (
        names == [str(place) for place in range(len(names))] or all(name.startswith(_PREDICTED) for name in names)
    )


def are_json_lines(file: BinaryIO) -> bool:
    """Whether a file begins as those that ``JsonRows`` writes."""
    return file.read(16).startswith((b'{"file":', b'{"class":', b'{"prediction":'))
