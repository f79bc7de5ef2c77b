"""Which checks a kind of component is given, in the order in which they run."""

from __future__ import annotations

from layerkit.testing.suite import Check
from layerkit.testing.suites.activation import ACTIVATION
from layerkit.testing.suites.conduct import CONDUCT
from layerkit.testing.suites.cost import COST
from layerkit.testing.suites.dataset import DATASET
from layerkit.testing.suites.engine import ENGINE
from layerkit.testing.suites.every_kind import DESCRIBED, REBUILT
from layerkit.testing.suites.initializer import INITIALIZER
from layerkit.testing.suites.layer_gradients import GRADIENTS
from layerkit.testing.suites.layer_networks import NETWORKS
from layerkit.testing.suites.layer_passes import FIRST, PASSES
from layerkit.testing.suites.layer_shapes import SHAPES
from layerkit.testing.suites.metric import METRIC
from layerkit.testing.suites.optimizer import OPTIMIZER
from layerkit.testing.suites.schedule import SCHEDULE
from layerkit.testing.suites.transform import TRANSFORM

_LAYER = (*FIRST, *SHAPES, *GRADIENTS, *PASSES, *NETWORKS)

OF_KIND: dict[str, tuple[Check, ...]] = {
    "layer": _LAYER,
    "activation": (*ACTIVATION, *_LAYER),
    "cost": COST,
    "optimizer": OPTIMIZER,
    "transform": TRANSFORM,
    "schedule": SCHEDULE,
    "initializer": INITIALIZER,
    "metric": METRIC,
    "dataset": DATASET,
    "engine": ENGINE,
}
"""The checks of each kind alone."""

EVERY_KIND: tuple[Check, ...] = (*DESCRIBED, *CONDUCT, *REBUILT)
"""The checks that all kinds share."""


def checks_of(kind: str | None) -> tuple[Check, ...]:
    """All checks of a kind: what is the same for all kinds comes first; only that for what is of no kind."""
    return EVERY_KIND if kind is None else (*EVERY_KIND, *OF_KIND[kind])
