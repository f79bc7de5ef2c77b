"""The class that a model predicts, in the user's own terms."""

from __future__ import annotations

import numpy as np

from layerkit.errors import ArgumentError
from layerkit.models.model import Model
from layerkit.models.output_range import prediction_range
from layerkit.types import Array


def class_names(model: Model, predictions: Array) -> Array:
    """The class of each prediction, ``(batch, …)``: names where the model knows them, else labels.

    Raises:
        ArgumentError: the model has a single output that is no probability.
    """
    if predictions.shape[-1] > 1:
        labels = predictions.argmax(axis=-1)
    else:
        lowest, highest = prediction_range(model.structure.node, model.readout)
        if lowest < 0 or highest > 1:
            raise ArgumentError("--classes: the model has a single output that is no probability, so it tells no class")
        labels = (predictions[..., 0] > 0.5).astype(np.int64)
    known = model.schema.classes
    if known is None or labels.max(initial=0) >= len(known):
        return labels
    return np.array(known)[labels]
