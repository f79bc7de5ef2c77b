"""A cost, or a metric, with predictions and targets."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit.interfaces.context import Context, PassState
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.decision import Decision
from layerkit.interfaces.scratch import Scratch
from layerkit.testing.case import Case
from layerkit.testing.inputs import concrete, read_only
from layerkit.testing.subject import generator
from layerkit.types import Array, Shape

ROWS = 6
DEFAULT_SHAPES: tuple[Shape, ...] = ((3,),)


def cost_context(dtype: Any = np.float64) -> Context:
    """A fresh context, as the trainer gives it to costs and metrics."""
    return Context("cost", PassState(lambda place: generator(8)), Scratch(np.dtype(dtype)), training=True)


def metric_context(case: Case, prediction: Array, dtype: Any = np.float64) -> Context:
    """A fresh context for measuring such predictions."""
    return Context(
        "metric",
        PassState(lambda place: generator(8)),
        Scratch(np.dtype(dtype)),
        training=False,
        prediction_shape=prediction.shape[1:],
        prediction_range=case.prediction_range,
        decision=Decision(multi_label=case.targets == "multi-hot"),
    )


def shapes(case: Case) -> tuple[Shape, ...]:
    """The shapes of a prediction, the batch axis left out."""
    return tuple(concrete(shape) for shape in case.input_shapes) or DEFAULT_SHAPES


def target_form(component: Any, case: Case) -> str:
    """What targets are drawn as: what the author says, else labels for a cost that wants labels, else rows."""
    if case.targets is not None:
        return case.targets
    return "labels" if isinstance(component, Cost) and component.target_form == "labels" else "real"


def draw_pair(
    component: Any, case: Case, shape: Shape, *, rows: int = ROWS, dtype: Any = np.float64, seed: int = 9
) -> tuple[Array, Array]:
    """A prediction and a target for it, both read-only."""
    rng = generator(seed)
    low, high = case.prediction_range
    prediction = rng.uniform(low, high, (rows, *shape)).astype(dtype)
    form = target_form(component, case)
    if form == "real":
        target = rng.uniform(low, high, prediction.shape).astype(dtype)
    elif form == "multi-hot":
        target = rng.integers(0, 2, prediction.shape).astype(dtype)
    elif form in ("unit", "probabilities"):
        target = rng.random(prediction.shape).astype(dtype)
        if form == "probabilities":
            target = target / target.sum(axis=-1, keepdims=True)
    else:
        # a single output is the probability of class 1 of two
        target = rng.integers(0, max(shape[-1], 2), prediction.shape[:-1])
        if form == "one-hot":
            target = np.eye(shape[-1], dtype=dtype)[target]
    locked: tuple[Array, Array] = read_only((prediction, target))
    return locked
