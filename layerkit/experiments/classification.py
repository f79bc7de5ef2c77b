"""What a trained classifier takes for what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from layerkit.data.examples import Examples
from layerkit.interfaces.dataset import RandomAccess, Stream
from layerkit.models.model import Model
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
    def confusion(self) -> Array:
        """``(classes, classes)`` counts: rows are the true classes, columns the predicted ones."""
        count = len(self.classes)
        return np.bincount(self.labels * count + self.predicted, minlength=count * count).reshape(count, count)

    @property
    def mistakes(self) -> Array:
        """The rows that are wrong, those of which the model is most certain first."""
        wrong = np.flatnonzero(self.labels != self.predicted)
        return wrong[np.argsort(-self.certainty[wrong], kind="stable")]


def classify(model: Model, source: RandomAccess | Stream | None) -> Classification | None:
    """What the model makes of examples with one class each; None where the examples are something else."""
    if not isinstance(source, Examples) or source.y is None or model.output_shape[-1:] != model.output_shape:
        return None
    width = model.output_shape[0]
    y = source.y
    if y.ndim == 2 and y.shape[1] == width > 1:
        # one-hot rows, and nothing that merely has as many columns
        if not (np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all()):
            return None
        y = y.argmax(axis=1)
    if y.ndim != 1 or y.dtype.kind not in "iu" or width == 1:
        return None
    output = model.predict(source.x, mask=source.mask)
    predicted = output.argmax(axis=1)
    named = source.classes or ()
    names = (*named, *map(str, range(len(named), width)))
    return Classification(
        y.astype(np.int64), predicted, np.take_along_axis(output, predicted[:, None], axis=1)[:, 0], names
    )
