"""A model's file and data named on the command line, as pictures need them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple, final

import numpy as np

from layerkit.cli.data_arguments import labelled
from layerkit.cli.file_form import file_form
from layerkit.costs.binary_cross_entropy import BinaryCrossEntropy
from layerkit.costs.cross_entropy import CrossEntropy
from layerkit.data.examples import Examples
from layerkit.errors import ArgumentError, DataError
from layerkit.files.models import load_with_cost
from layerkit.interfaces.dataset import RandomAccess, Stream
from layerkit.metrics.confusion import Confusion
from layerkit.metrics.confusion_matrix import ConfusionMatrix
from layerkit.models.model import Model
from layerkit.steps.evaluation import evaluate
from layerkit.steps.intake import Intake, take_in
from layerkit.types import Array

_ROWS = 1024


class Rows(NamedTuple):
    """Each example, or position that counts, with what is true and what is predicted of it, and its weight."""

    targets: Array
    predictions: Array
    weights: Array


@final
class Source:
    """What was named; nothing is read before it is asked for."""

    def __init__(self, *, file: Any, data: Sequence[str], split: str | None, data_dir: str | None, **form: Any) -> None:
        self._file = file
        self._data = data
        self._form = file_form(**form)
        self._places = {"split": split, "data_dir": data_dir}

    @cached_property
    def _loaded(self) -> tuple[Model, Any]:
        model, cost = load_with_cost(self._file)
        if cost is None:
            cost = BinaryCrossEntropy() if model.output_shape[-1:] == (1,) else CrossEntropy()
        return model, cost

    @property
    def model(self) -> Model:
        """The model."""
        return self._loaded[0]

    @cached_property
    def _given(self) -> RandomAccess | Stream:
        return labelled(self._data, self.model, self._form, **self._places)

    @cached_property
    def _taken(self) -> Intake:
        return take_in(self._given, self.model, self._loaded[1], split="test")

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The names of the classes, where the model or the data know some."""
        return self.model.schema.classes or (self._given.classes if isinstance(self._given, Examples) else None)

    def examples(self) -> Examples:
        """The data, where it is in memory.

        Raises:
            ArgumentError: it is not.
        """
        if not isinstance(self._given, Examples):
            raise ArgumentError(f"{' '.join(self._data)} is not data in memory, which this picture needs")
        return self._given

    def confusion(self) -> Confusion:
        """What the model takes for what."""
        metric = ConfusionMatrix()
        found: Confusion = evaluate(self.model, self._taken, cost=self._loaded[1], metrics=[metric])[metric.name]
        return found

    def rows(self) -> Rows:
        """What the model predicts of all.

        Raises:
            DataError: there are no examples.
        """
        parts = []
        for batch, given in self._taken.batches(_ROWS):
            prediction = self.model.predict(batch.x, mask=batch.mask)
            weights = np.ones(len(prediction)) if batch.weights is None else batch.weights
            target = np.asarray(given)
            if prediction.ndim > 2:
                counts = np.ones(prediction.shape[:-1], bool) if batch.mask is None else batch.mask
                weights = np.broadcast_to(weights.reshape(-1, *[1] * (counts.ndim - 1)), counts.shape)
                prediction, target, weights = prediction[counts], target[counts], weights[counts]
            parts.append((target.copy(), prediction, weights.copy()))
        if not parts:
            raise DataError(f"{' '.join(self._data)}: there is nothing to draw, for the data is empty")
        return Rows(*map(np.concatenate, zip(*parts, strict=True)))
