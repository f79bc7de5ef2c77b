"""Metrics by themselves, the way evaluation runs them."""

from __future__ import annotations

import math

import numpy as np

from layerkit import Context, Metric
from layerkit.interfaces.context import PassState
from layerkit.interfaces.decision import Decision
from layerkit.interfaces.scratch import Scratch
from layerkit.random_streams import RandomStreams
from layerkit.types import Array, Shape

UNBOUNDED = (-math.inf, math.inf)
PROBABILITIES = (0.0, 1.0)


def new_context(
    mask: Array | None = None,
    *,
    shape: Shape = (),
    span: tuple[float, float] = UNBOUNDED,
    decision: Decision | None = None,
) -> Context:
    """A metric's context."""
    shared = PassState(lambda path: RandomStreams(0).fresh(path))
    shared.mask = mask
    return Context(
        "metric",
        shared,
        Scratch(np.dtype("float64")),
        training=False,
        prediction_shape=shape,
        prediction_range=span,
        decision=decision or Decision(),
    )


def measure(
    metric: Metric,
    prediction: Array,
    target: Array,
    weights: Array | None = None,
    mask: Array | None = None,
    *,
    span: tuple[float, float] = UNBOUNDED,
    decision: Decision | None = None,
) -> float:
    """The measure of one batch."""
    context = new_context(mask, shape=prediction.shape[1:], span=span, decision=decision)
    metric.check_target(target, context)
    weights = np.ones(len(prediction)) if weights is None else weights
    return metric.result(metric.updated(metric.start(), prediction, target, weights, context))
