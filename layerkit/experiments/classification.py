"""What a trained classifier takes for what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from layerkit.data.examples import Examples
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import RandomAccess, Stream
from layerkit.metrics.confusion import Confusion
from layerkit.models.model import Model
from layerkit.models.output_range import prediction_range
from layerkit.steps.named_data import matched, relabelled
from layerkit.steps.targets import Targets
from layerkit.types import Array


@final
@dataclass(frozen=True)
class Classification:
    """The classes of the test data as they are and as the model sees them.

    ``labels`` and ``predicted``: ``(n,)`` integers; ``certainty``: ``(n,)``, the model's output for the class that it
    predicts; ``classes``: the names.
    """

    labels: Array
    predicted: Array
    certainty: Array
    classes: tuple[str, ...]

    @property
    def confusion(self) -> Confusion:
        """How often each class was taken for each."""
        count = len(self.classes)
        counts = np.bincount(self.labels * count + self.predicted, minlength=count * count)
        return Confusion(counts.reshape(count, count), self.classes)

    @property
    def mistakes(self) -> Array:
        """The rows that are wrong, those of which the model is most certain first."""
        wrong = np.flatnonzero(self.labels != self.predicted)
        return wrong[np.argsort(-self.certainty[wrong], kind="stable")]


def classify(model: Model, source: RandomAccess | Stream | None, cost: Cost) -> Classification | None:
    """What the model makes of examples with one class each; None where the examples are something else."""
    if not isinstance(source, Examples) or source.y is None or model.output_shape[-1:] != model.output_shape:
        return None
    targets = Targets(cost, model.output_shape, model.dtype, labels=source.labels)
    source = relabelled(matched(source, model.schema), model.schema, targets)
    labels = None if source.y is None else _labels(model, source, source.y, cost)
    if labels is None:
        return None
    output = model.predict(source.x, mask=source.mask)
    decision = model.decision
    # an example has one class here, also where the model could take several labels
    predicted = output.argmax(axis=1) if decision.multi_label else decision.classes(output)
    if output.shape[1] == 1:
        output = np.hstack([1 - output, output])
    named = (model.schema.classes or source.classes or ())[: output.shape[1]]
    names = (*named, *map(str, range(len(named), output.shape[1])))
    certainty = np.take_along_axis(output, predicted[:, None], axis=1)[:, 0]
    return Classification(labels, predicted, certainty, names)


def _labels(model: Model, source: Examples, y: Array, cost: Cost) -> Array | None:
    """The class of each example, ``(n,)`` integers; None where examples have none, or several."""
    width = model.output_shape[0]
    targets = Targets(cost, model.output_shape, model.dtype, labels=source.labels)
    y = targets.aligned(y)
    if width == 1:
        lowest, highest = prediction_range(model.structure.node, model.readout)
        column = y[:, 0] if y.shape[1:] == (1,) else y
        told = targets.are_labels(y) or cost.of_classes
        if not told or lowest < 0 or highest > 1 or not np.isin(column, (0, 1)).all():
            return None
        return column.astype(np.int64)
    if y.shape[1:] == (width,):
        # one-hot rows, and nothing that merely has as many columns
        one_hot = np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all()
        return y.argmax(axis=1) if one_hot else None
    return y.astype(np.int64) if y.ndim == 1 and targets.are_labels(y) else None
