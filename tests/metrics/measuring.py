"""Metrics by themselves, the way evaluation runs them."""

from __future__ import annotations

import numpy as np

from layerkit import Context, Metric
from layerkit.interfaces.context import PassState
from layerkit.interfaces.scratch import Scratch
from layerkit.random_streams import RandomStreams
from layerkit.types import Array


def new_context(mask: Array | None = None) -> Context:
    """A metric's context."""
    shared = PassState(lambda path: RandomStreams(0).fresh(path))
    shared.mask = mask
    return Context("metric", shared, Scratch(np.dtype("float64")), training=False)


def measure(
    metric: Metric, prediction: Array, target: Array, weights: Array | None = None, mask: Array | None = None
) -> float:
    """The measure of one batch."""
    totals = metric.start()
    metric.update(
        totals, prediction, target, np.ones(len(prediction)) if weights is None else weights, new_context(mask)
    )
    return metric.result(totals)
