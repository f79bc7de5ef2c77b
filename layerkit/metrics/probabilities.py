"""What metrics of probabilities take from predictions and targets."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from layerkit.errors import DataError
from layerkit.interfaces.class_targets import counted, require_yes_or_no, true_classes
from layerkit.interfaces.context import Context
from layerkit.types import Array


class Probabilities(NamedTuple):
    """Each position that counts, in a row.

    ``chance``, float64, and ``truth``, booleans, are ``(positions, classes)``, with two columns where a single output
    is the probability of class 1; of labels, of which an example may have several, ``(positions, labels)``. ``weights``
    are those of their examples, ``(positions,)``.
    """

    chance: Array
    truth: Array
    weights: Array
    labels: bool


def probabilities(name: str, prediction: Array, target: Array, weights: Array, ctx: Context) -> Probabilities:
    """What is predicted and what is true, of a metric of this name.

    Raises:
        DataError: outputs are no probabilities; a target of a single output, or of a label, is neither 0 nor 1; or a
            row tells no class, or several.
        ShapeError: targets fit the predictions neither as labels nor as rows.
    """
    require_probabilities(name, ctx)
    counts, each = counted(prediction, weights, ctx)
    chance = prediction[counts].astype(np.float64)
    if target.shape == prediction.shape and ctx.decision.multi_label:
        require_yes_or_no(name, target, ctx)
        return Probabilities(chance, target[counts] == 1, each, labels=True)
    labels = true_classes(name, prediction, target, ctx)[counts].astype(np.intp)
    if chance.shape[1] == 1:
        chance = np.hstack([1 - chance, chance])
    return Probabilities(chance, labels[:, None] == np.arange(chance.shape[1]), each, labels=False)


def require_probabilities(name: str, ctx: Context) -> None:
    """Refuse outputs that nothing keeps between 0 and 1.

    Raises:
        DataError: neither readout nor last activation does.
    """
    lowest, highest = ctx.prediction_range
    if lowest < 0 or highest > 1:
        raise DataError(
            f"{name}: the outputs must be probabilities, and nothing keeps these between 0 and 1 (their range is "
            f"{lowest:g} to {highest:g}): train with CrossEntropy or BinaryCrossEntropy, end the network with Softmax "
            "or Sigmoid, or, where the targets are numbers, measure MeanSquaredError"
        )
