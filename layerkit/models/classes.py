"""How a model's predictions tell classes, and what those are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from layerkit.arguments import check_number
from layerkit.errors import ArgumentError
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.decision import HALF, Decision, Threshold
from layerkit.models.node import Node
from layerkit.models.output_range import prediction_range
from layerkit.types import Array


def checked_threshold(owner: object, threshold: Any) -> Threshold:
    """A threshold as it is kept: a number from 0 to 1, or a tuple with one for each label.

    Raises:
        ArgumentError: it is neither.
    """
    several = isinstance(threshold, (list, tuple, np.ndarray)) and len(threshold) > 0
    for each in threshold if several else (threshold,):
        check_number(owner, "threshold", each, minimum=0, maximum=1)
    return tuple(map(float, threshold)) if several else float(threshold)


def decision_of(node: Node, readout: Activation | None, threshold: Threshold) -> Decision:
    """How the predictions of a model with this place and readout tell classes.

    Several outputs are labels, of which an example may have several, where the readout takes each by itself to a
    probability, as the sigmoid of ``BinaryCrossEntropy`` does; else they are classes that exclude each other.

    Raises:
        ArgumentError: the threshold does not fit the outputs.
    """
    outputs = node.output_shape[-1] if node.output_shape else 1
    alone = readout is not None and readout.elementwise and readout.lowest >= 0 and readout.highest <= 1
    labels = alone and outputs != 1
    if isinstance(threshold, tuple) and not (labels and len(threshold) == outputs):
        what = f"{outputs} labels" if labels else f"{outputs} output{'' if outputs == 1 else 's'}, and no labels"
        raise ArgumentError(f"threshold has {len(threshold)} numbers, one for each label, but the model has {what}")
    if threshold != HALF and not labels:
        lowest, highest = prediction_range(node, readout)
        if lowest < 0 or highest > 1 or outputs not in (1, 2):
            raise ArgumentError(
                f"threshold {threshold:g} is one for probabilities of two classes, or of labels, but the model has "
                f"{outputs} output{'' if outputs == 1 else 's'} from {lowest:g} to {highest:g}: of several classes the "
                f"largest output is taken; set it back to {HALF:g}, or train with BinaryCrossEntropy"
            )
    return Decision(threshold, multi_label=labels)


def told_classes(
    prediction: Array, node: Node, readout: Activation | None, threshold: Threshold, names: Sequence[str] | None
) -> Array:
    """The class of each prediction, or the labels that hold: by name where names are known of all.

    Raises:
        ArgumentError: there is a single output that is no probability, or the threshold does not fit.
    """
    decision = decision_of(node, readout, threshold)
    lowest, highest = prediction_range(node, readout)
    if prediction.shape[-1] == 1 and (lowest < 0 or highest > 1):
        raise ArgumentError(
            "the model has a single output that is no probability, so it tells no class: end it with Sigmoid, or train "
            "it with BinaryCrossEntropy"
        )
    found = decision.classes(prediction)
    if names is None:
        return found
    known = np.array(names)
    if not decision.multi_label:
        return known[found] if found.max(initial=0) < len(known) else found
    if len(known) != found.shape[-1]:
        return found
    lists = np.empty(found.shape[:-1], object)
    for place in np.ndindex(lists.shape):
        lists[place] = known[found[place]].tolist()
    return lists
