"""From predictions to classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np

from layerkit.types import Array

Threshold: TypeAlias = float | tuple[float, ...]
"""Above which probability the answer is yes; one for each label, or the same for all."""

HALF = 0.5


@final
@dataclass(frozen=True, slots=True)
class Decision:
    """How classes are told from what a model predicts.

    ``multi_label``: each of several outputs is a yes or no of its own; else the classes exclude each other.

    >>> Decision(0.3).classes(np.array([[0.2], [0.4]]))
    array([0, 1])
    >>> Decision(multi_label=True).classes(np.array([[0.2, 0.9], [0.6, 0.7]]))
    array([[False,  True],
           [ True,  True]])
    """

    threshold: Threshold = HALF
    multi_label: bool = False

    def classes(self, prediction: Array) -> Array:
        """The class of each example or position, ``(batch, …)`` integers; of labels, booleans like ``prediction``.

        The class is that of the largest output, the first among equals. A single output is the probability of class 1,
        which is predicted above the threshold; so is the second of two, where there is another threshold than ½.
        """
        # a threshold between two float32 numbers must not be rounded to one of them
        threshold = np.asarray(self.threshold, np.float64)
        outputs = prediction.shape[-1]
        if self.multi_label:
            return prediction > threshold
        if outputs == 1 or (outputs == 2 and self.threshold != HALF):
            return (prediction[..., -1] > threshold).astype(np.int64)
        return prediction.argmax(axis=-1)
